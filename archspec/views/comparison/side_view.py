"""The view of one of the two networks, with ids of its own, and which ops each box holds."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from archspec.ir.graph import Graph, enclosing_paths
from archspec.views.model import View, ViewNode
from archspec.views.view import placed_view


class SideView(Struct, frozen=True):
    """A view whose ids begin with `before:` or `after:`.

    `box_of` has the box of each op, `ops_in` the ops of each box, `ops_under` the ops at or below each module path.
    """

    view: View
    box_of: dict[str, str]
    ops_in: dict[str, list[str]]
    ops_under: dict[str, list[str]]

    def boxes(self, role: str) -> list[ViewNode]:
        """Return the boxes of a role (input, layers or output), in order."""
        return [node for node in self.view.nodes if node.role == role]

    def ops_at(self, paths: Iterable[str]) -> frozenset[str]:
        """Return the ops at or below these paths."""
        return frozenset(op for path in paths for op in self.ops_under.get(path, ()))

    def path_of(self, box: str) -> str:
        """Return the path of the one op or block that a box is; "" for a box of several."""
        return next((up for up in enclosing_paths(self.ops_in[box][0]) if self.ops_under[up] == self.ops_in[box]), "")

    def boxes_of(self, path: str) -> list[str]:
        """Return the boxes that hold the ops at or below a path, in order."""
        return list(dict.fromkeys(self.box_of[op] for op in self.ops_under.get(path, ())))


def side_view(graph: Graph, level: str, side: str) -> SideView:
    """Return the view of a network at a level, as the side `before` or `after`."""
    view, boxes = placed_view(graph, level)
    box_of = {op: f"{side}:{box}" for op, box in boxes.items()}
    ops_in: dict[str, list[str]] = {}
    ops_under: dict[str, list[str]] = {}
    for op, box in box_of.items():
        ops_in.setdefault(box, []).append(op)
        for path in enclosing_paths(op):
            ops_under.setdefault(path, []).append(op)
    # Both networks may have the same paths: the prefix keeps their boxes apart in one picture.
    nodes = tuple(replace(node, id=f"{side}:{node.id}") for node in view.nodes)
    edges = tuple(replace(edge, source=f"{side}:{edge.source}", target=f"{side}:{edge.target}") for edge in view.edges)
    return SideView(replace(view, nodes=nodes, edges=edges), box_of, ops_in, ops_under)
