"""A layer that is repeated more or less often: said as one change, in place of each block that came or went."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.graph import Body

Line = tuple[Span, str]  # where a layer is written, and its kind


class Repeat(Struct, frozen=True):
    """The steps that one written layer became, on both sides."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    paths: tuple[str, str]
    turns: tuple[int, int]


def repeats(before: Body, after: Body, pairs: list[tuple[int, int]]) -> tuple[Repeat, ...]:
    """The repeats that have another count, in order."""
    ours, theirs = _lines(before), _lines(after)
    links = Counter((_line(before, i), _line(after, j)) for i, j in pairs)
    found, used = [], set()
    for (one, other), _ in sorted(links.items(), key=lambda item: (-item[1], item[0])):
        if ("before", one) in used or ("after", other) in used:
            continue
        used |= {("before", one), ("after", other)}
        repeat = _repeat(before, after, tuple(ours[one]), tuple(theirs[other]))
        if repeat is not None:
            found.append(repeat)
    return tuple(sorted(found, key=lambda item: (item.before, item.after)))


def _line(body: Body, index: int) -> Line:
    step = body.steps[index]
    return step.origin.span, step.kind


def _lines(body: Body) -> dict[Line, list[int]]:
    found: dict[Line, list[int]] = {}
    for index in range(len(body.steps)):
        found.setdefault(_line(body, index), []).append(index)
    return found


def _repeat(before: Body, after: Body, ours: tuple[int, ...], theirs: tuple[int, ...]) -> Repeat | None:
    """The change of a count, if the paths of both sides count turns at one place."""
    sides = [_Paths([body.steps[index].scope.split(".") for index in steps]) for body, steps in
             ((before, ours), (after, theirs))]  # fmt: skip
    depth = max(sides, key=lambda side: len(side.paths)).depth
    if len(ours) == len(theirs) or not all(side.counts_at(depth) for side in sides):
        return None
    turns = tuple(len({path[depth] for path in side.paths}) for side in sides)
    if turns[0] == turns[1] or len(sides[0].paths[0]) != len(sides[1].paths[0]):
        return None
    return Repeat(ours, theirs, (sides[0].above(depth), sides[1].above(depth)), (turns[0], turns[1]))


class _Paths(Struct, frozen=True):
    """The paths, as parts, of the steps that one written layer became."""

    paths: list[list[str]]

    @property
    def depth(self) -> int:
        """The first part in which they differ: that counts the turns, if anything does."""
        depth = 0
        while all(len(path) > depth + 1 for path in self.paths) and len({path[depth] for path in self.paths}) == 1:
            depth += 1
        return depth

    def counts_at(self, depth: int) -> bool:
        """Whether turns may be counted there; of a single step nobody knows a better place."""
        known = len(self.paths) == 1 or self.depth == depth
        return known and all(len(path) > depth and path[depth][-1:].isdigit() for path in self.paths)

    def above(self, depth: int) -> str:
        """What is repeated: the path above the turns, or their name without its number."""
        first = self.paths[0]
        return ".".join(first[:depth]) or first[depth].rstrip("0123456789_")
