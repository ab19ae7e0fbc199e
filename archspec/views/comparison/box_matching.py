"""Match the boxes of two networks, and choose the pairs to draw at one height."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from archspec.comparison.difference import Difference
from archspec.comparison.subsequence import longest_increasing_subsequence
from archspec.ir.graph import enclosing_paths
from archspec.views.comparison.side_view import SideView
from archspec.views.u_shape import u_shape

Matches = dict[str, str]  # by id or path before, the one after


def match_ops(difference: Difference, before: SideView, after: SideView) -> Matches:
    """Return the counterpart of each op that has one: at the same path, or where it or a block around it moved."""
    there = after.box_of.keys() - after.ops_at(step.path for step in difference.added)
    gone = before.ops_at(step.path for step in difference.removed)
    blocks = [pair for change in difference.changes if change.kind == "block" for pair in change.paths]
    gone |= before.ops_at(path for path, _ in blocks)  # a block that was replaced shares no ops with the new one
    links = dict(pair for change in difference.changes for pair in change.paths if pair[0] != pair[1])
    links.update(move.paths for move in (*difference.moved, *difference.renumbered))
    found = {op: _path_after(op, links) for op in before.box_of if op not in gone}
    return {op: other for op, other in found.items() if other in there}


def _path_after(op: str, links: Mapping[str, str]) -> str:
    path = next((path for path in enclosing_paths(op) if path in links), None)
    return op if path is None else links[path] + op[len(path) :]


def match_boxes(before: SideView, after: SideView, ops: Matches, difference: Difference) -> Matches:
    """Return for each box the one with most of its ops, or else the one that replaced it; ports match by their order.

    Greedy by the number of ops in common: networkx's matching of maximum weight may give up the best pair for two
    lesser ones, which a reader of the picture would not expect, and takes cubic time.
    """
    shared = Counter((before.box_of[op], after.box_of[other]) for op, other in ops.items())
    for change in difference.changes:
        for path, path_after in change.paths:
            boxes, others = before.boxes_of(path), after.boxes_of(path_after)
            if len(boxes) == len(others) == 1:
                shared[boxes[0], others[0]] += 0  # a candidate without ops in common, after all others
    # Ties are broken by place, so that the picture does not depend on the order of a dict.
    order = {node.id: number for side in (before, after) for number, node in enumerate(side.view.nodes)}
    found: Matches = {}
    for role in ("input", "output"):
        found.update((a.id, b.id) for a, b in zip(before.boxes(role), after.boxes(role), strict=False))
    taken = set(found.values())
    for (one, other), _ in sorted(shared.items(), key=lambda item: (-item[1], order[item[0][0]], order[item[0][1]])):
        if one not in found and other not in taken:
            found[one] = other
            taken.add(other)
    return found


def level_pairs(before: SideView, after: SideView, pairs: Matches) -> list[tuple[str, str]]:
    """Return as many pairs as have one order on both sides: levelling these bends neither network.

    The rising side of a U is left out; it is already levelled with the falling side.
    """
    rising = {id_ for side in (before, after) if (u := u_shape(side.view)) is not None for id_ in u.rising}
    places = {node.id: number for number, node in enumerate(after.view.nodes)}
    rows = [(node.id, pairs[node.id]) for node in before.view.nodes if node.id in pairs]
    rows = [row for row in rows if not rising & set(row)]
    return [rows[number] for number in longest_increasing_subsequence([places[other] for _, other in rows])]
