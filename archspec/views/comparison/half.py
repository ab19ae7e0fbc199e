"""One of the two networks of a picture: its boxes under names of their own, and which ops are in each."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from archspec.ir.graph import Graph
from archspec.views.model import View, ViewNode
from archspec.views.view import placed_view


class Half(Struct, frozen=True):
    """A view whose ids begin with `before:` or `after:`; the box of each op, and the ops at or below each path."""

    view: View
    places: dict[str, str]
    ops: dict[str, list[str]]
    below: dict[str, list[str]]

    def boxes(self, role: str) -> list[ViewNode]:
        """Inputs, layers or outputs, in order."""
        return [node for node in self.view.nodes if node.role == role]

    def within(self, paths: Iterable[str]) -> frozenset[str]:
        """The ops at these paths: of a block all that it is made of."""
        return frozenset(op for path in paths for op in self.below.get(path, ()))

    def path_of(self, box: str) -> str:
        """The path of the one op or block that a box is; nothing for a box of several."""
        return next((up for up in upwards(self.ops[box][0]) if self.below[up] == self.ops[box]), "")

    def boxes_of(self, path: str) -> list[str]:
        """The boxes that the ops at a path are in, in order."""
        return list(dict.fromkeys(self.places[op] for op in self.below.get(path, ())))


def half(graph: Graph, level: str, side: str) -> Half:
    """A network folded at a level, as the half that is called `before` or `after`."""
    view, places = placed_view(graph, level)
    own = {op: f"{side}:{box}" for op, box in places.items()}
    ops: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for op, box in own.items():
        ops.setdefault(box, []).append(op)
        for up in upwards(op):
            below.setdefault(up, []).append(op)
    nodes = tuple(replace(node, id=f"{side}:{node.id}") for node in view.nodes)
    edges = tuple(replace(edge, source=f"{side}:{edge.source}", target=f"{side}:{edge.target}") for edge in view.edges)
    return Half(replace(view, nodes=nodes, edges=edges), own, ops, below)


def upwards(path: str) -> Iterable[str]:
    """A path, and those of the blocks around it from the innermost on."""
    while path:
        yield path
        path = path.rpartition(".")[0]
