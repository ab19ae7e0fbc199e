"""A layer that is repeated more or less often: said as one change, in place of each block that came or went."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from archspec.diagnostics import Span
from archspec.ir.graph import Body

Line = tuple[Span, str]  # where a layer is written, and its kind


@dataclass(frozen=True, slots=True)
class Repeat:
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
    if len(ours) == len(theirs):
        return None
    paths, turns = [], []
    for body, steps in ((before, ours), (after, theirs)):
        path, count = _turns([body.steps[index].scope for index in steps])
        paths.append(path)
        turns.append(count)
    longer = 0 if len(ours) > len(theirs) else 1
    if turns[0] == turns[1] or turns[longer] < 2:
        return None
    if len(ours) == 1 or len(theirs) == 1:  # of a single turn nobody knows where its number stands
        paths = [paths[longer], paths[longer]]
    return Repeat(ours, theirs, (paths[0], paths[1]), (turns[0], turns[1]))


def _turns(scopes: list[str]) -> tuple[str, int]:
    """The path that turns have in common, and how many turns there are; 0 where the paths do not count them."""
    if len(scopes) == 1:
        return scopes[0], 1
    parts = [scope.split(".") for scope in scopes]
    depth = 0
    while all(len(part) > depth + 1 for part in parts) and len({part[depth] for part in parts}) == 1:
        depth += 1
    names = {part[depth] for part in parts}
    counted = all(name[-1:].isdigit() for name in names)
    return ".".join(parts[0][:depth]) or min(names).rstrip("0123456789_"), len(names) if counted else 0
