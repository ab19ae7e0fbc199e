"""Which box of one network is which of the other, and which pairs can stand at one height."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

from archspec.comparison.difference import Difference, Move
from archspec.views.comparison.half import Half, upwards
from archspec.views.u_shape import u_shape

Pairs = dict[str, str]


def counterparts(difference: Difference, before: Half, after: Half) -> Pairs:
    """For each op that has one its counterpart afterwards: at the same path, or where it or a block around it went."""
    there = after.places.keys() - after.within(part.path for part in difference.added)
    gone = before.within(part.path for part in difference.removed)
    blocks = [pair for change in difference.changes if change.kind == "block" for pair in change.paths]
    gone |= before.within(path for path, _ in blocks)  # what stands in a place instead has other ops
    links = dict(pair for change in difference.changes for pair in change.paths if pair[0] != pair[1])
    links.update(move.paths for move in difference.moved)
    found = {op: _moved(op, links) for op in before.places if op not in gone}
    return {op: other for op, other in found.items() if other in there}


def _moved(op: str, links: Mapping[str, str]) -> str:
    up = next((up for up in upwards(op) if up in links), None)
    return op if up is None else links[up] + op[len(up) :]


def unmoved(before: Half, after: Half, ops: Pairs, difference: Difference) -> frozenset[Move]:
    """The moves of layers without a name that count on only because others before them came or went."""
    places = {op: number for number, op in enumerate(after.places)}
    pairs = [(op, ops[op]) for op in before.places if op in ops]
    in_order = {pairs[number] for number in longest_rising([places[other] for _, other in pairs])}
    kept = {op for op, _ in in_order}
    found = []
    for move in difference.moved:
        (above, _, one), (above_after, _, other) = (path.rpartition(".") for path in move.paths)
        if above == above_after and one.isdigit() and other.isdigit() and before.within([move.paths[0]]) <= kept:
            found.append(move)
    return frozenset(found)


def partners(before: Half, after: Half, ops: Pairs, difference: Difference) -> Pairs:
    """For each box the one with most of its ops, else what stands in its place; inputs and outputs by their order."""
    shared = Counter((before.places[op], after.places[other]) for op, other in ops.items())
    for change in difference.changes:
        for path, path_after in change.paths:
            boxes, others = before.boxes_of(path), after.boxes_of(path_after)
            if len(boxes) == len(others) == 1:
                shared[boxes[0], others[0]] += 0
    order = {node.id: number for half in (before, after) for number, node in enumerate(half.view.nodes)}
    found: Pairs = {}
    for role in ("input", "output"):
        found.update((a.id, b.id) for a, b in zip(before.boxes(role), after.boxes(role), strict=False))
    taken = set(found.values())
    for (one, other), _ in sorted(shared.items(), key=lambda item: (-item[1], order[item[0][0]], order[item[0][1]])):
        if one not in found and other not in taken:
            found[one] = other
            taken.add(other)
    return found


def level_pairs(before: Half, after: Half, pairs: Pairs) -> list[tuple[str, str]]:
    """As many pairs as have the same order on both sides, so that neither network is bent by levelling them.

    The rising side of a U follows the falling one, to which it is tied.
    """
    rising = {id_ for half in (before, after) if (u := u_shape(half.view)) is not None for id_ in u.rising}
    places = {node.id: number for number, node in enumerate(after.view.nodes)}
    rows = [(node.id, pairs[node.id]) for node in before.view.nodes if node.id in pairs]
    rows = [row for row in rows if not rising & set(row)]
    return [rows[number] for number in longest_rising([places[other] for _, other in rows])]


def longest_rising(numbers: list[int]) -> list[int]:
    """The indices of a longest rising series."""
    ends: list[int] = []
    tails: list[int] = []
    previous: list[int] = []
    for index, number in enumerate(numbers):
        place = bisect_left(ends, number)
        previous.append(tails[place - 1] if place else -1)
        ends[place : place + 1], tails[place : place + 1] = [number], [index]
    series = tails[-1:]
    while series and previous[series[-1]] >= 0:
        series.append(previous[series[-1]])
    return series[::-1]
