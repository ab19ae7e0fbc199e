"""Find layers whose `repeat` count differs: one change, instead of an addition or removal for each repetition."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.graph import Body

LayerKey = tuple[Span, str]  # the place of a layer in the text, and its kind: repetitions have both in common


class RepeatChange(Struct, frozen=True):
    """A repeated layer: the indices of its steps, its path and its count, each before and after."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    paths: tuple[str, str]
    counts: tuple[int, int]


def repeat_changes(before: Body, after: Body, pairs: list[tuple[int, int]]) -> tuple[RepeatChange, ...]:
    """Return the repeated layers whose count differs, in order."""
    steps, steps_after = _steps_by_layer(before), _steps_by_layer(after)
    links = Counter((_layer_key(before, i), _layer_key(after, j)) for i, j in pairs)
    found, used = [], set()
    # Layers are matched greedily by the number of their steps that match. A maximum matching (as in networkx) could
    # trade the best pair for two worse ones.
    for (one, other), _ in sorted(links.items(), key=lambda item: (-item[1], item[0])):
        if ("before", one) in used or ("after", other) in used:
            continue
        used |= {("before", one), ("after", other)}
        repeat = _repeat_change(before, after, tuple(steps[one]), tuple(steps_after[other]))
        if repeat is not None:
            found.append(repeat)
    return tuple(sorted(found, key=lambda item: (item.before, item.after)))


def _layer_key(body: Body, index: int) -> LayerKey:
    step = body.steps[index]
    return step.origin.span, step.kind


def _steps_by_layer(body: Body) -> dict[LayerKey, list[int]]:
    found: dict[LayerKey, list[int]] = {}
    for index in range(len(body.steps)):
        found.setdefault(_layer_key(body, index), []).append(index)
    return found


def _repeat_change(
    before: Body, after: Body, steps: tuple[int, ...], steps_after: tuple[int, ...]
) -> RepeatChange | None:
    """Return the change of a count; None unless the paths of both sides have the repetition's number in one place."""
    sides = [
        _SplitPaths([body.steps[index].scope.split(".") for index in indices])
        for body, indices in ((before, steps), (after, steps_after))
    ]
    # Of the side with more steps: a single path does not show which of its segments counts.
    depth = max(sides, key=lambda side: len(side.paths)).depth
    if len(steps) == len(steps_after) or not all(side.is_numbered_at(depth) for side in sides):
        return None
    counts = [len({path[depth] for path in side.paths}) for side in sides]
    if counts[0] == counts[1] or len(sides[0].paths[0]) != len(sides[1].paths[0]):
        return None
    return RepeatChange(steps, steps_after, (sides[0].above(depth), sides[1].above(depth)), (counts[0], counts[1]))


class _SplitPaths(Struct, frozen=True):
    """The paths, split at the dots, of the steps that one layer of the text became."""

    paths: list[list[str]]

    @property
    def depth(self) -> int:
        """The first segment in which the paths differ: the number of the repetition, if any segment is."""
        depth = 0
        while all(len(path) > depth + 1 for path in self.paths) and len({path[depth] for path in self.paths}) == 1:
            depth += 1
        return depth

    def is_numbered_at(self, depth: int) -> bool:
        """Return whether the segment numbers the repetitions; a single path has no other segment to prefer."""
        known = len(self.paths) == 1 or self.depth == depth
        return known and all(len(path) > depth and path[depth][-1:].isdigit() for path in self.paths)

    def above(self, depth: int) -> str:
        """Return the path of what is repeated: above the number, or the numbered name without its number."""
        first = self.paths[0]
        return ".".join(first[:depth]) or first[depth].rstrip("0123456789_")
