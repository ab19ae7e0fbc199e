"""The order of matching steps: which changed places among each other, and which were only renumbered."""

from __future__ import annotations

from archspec.comparison.alignment import IndexPairs
from archspec.comparison.changes import Pair
from archspec.ir.graph import Body


def is_renumbered(paths: Pair) -> bool:
    """Return whether two paths differ in positions alone: layers without a name, shifted by others before them."""
    before, after = (path.split(".") for path in paths)
    if len(before) != len(after):
        return False
    return all(a == b or (a.isdigit() and b.isdigit()) for a, b in zip(before, after, strict=True))


def reordered_names(before: Body, after: Body, pairs: IndexPairs, in_order: set[int]) -> tuple[str, str] | None:
    """Return the layers that changed places, as text in the order before and in that after; None if none did.

    Those between the first and the last that crosses another are named; of a repeated layer its name.
    """
    crossing = [pair for number, pair in enumerate(pairs) if number not in in_order]
    if not crossing:
        return None
    between = [pair for pair in pairs if any(_crosses(pair, other) for other in crossing)]
    involved = sorted({*between, *crossing})
    names = [_names(before, [i for i, _ in involved]), _names(after, sorted(j for _, j in involved))]
    if names[0] == names[1]:  # layers without a name, of one kind
        names = [
            ", ".join(before.steps[i].scope for i, _ in involved),
            ", ".join(before.steps[i].scope for i, _ in sorted(involved, key=lambda pair: pair[1])),
        ]
    return names[0], names[1]


def _crosses(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return (one[0] < other[0]) != (one[1] < other[1])


def _names(body: Body, indices: list[int]) -> str:
    names: list[str] = []
    for index in indices:
        step = body.steps[index]
        above, _, last = step.scope.rpartition(".")
        name = (above or step.kind) if last.isdigit() else step.scope
        if not names or names[-1] != name:
            names.append(name)
    return ", ".join(names)
