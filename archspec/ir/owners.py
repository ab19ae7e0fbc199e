"""Which op owns a key of the state_dict, and where the user's text has it."""

from __future__ import annotations

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.graph import Graph, Node, Placed, join


class Owner(Struct, frozen=True):
    """The kind of the op that owns a tensor, and the place of its layer; None where that is not known."""

    kind: str
    span: Span | None


def owners_of(graph: Graph | None) -> dict[str, Owner]:
    """Return the owner of each key of the state_dict, in its order; {} without a graph."""
    owners: dict[str, Owner] = {}
    for placed in graph.nodes() if graph is not None else ():
        node = placed.step
        assert isinstance(node, Node)
        prefix = placed.path.removesuffix(node.scope).removesuffix(".")
        for tensor in node.op.tensors(placed.body.input_types(node)):
            owners[join(prefix, node.key_of(tensor.name))] = Owner(node.kind, _place_of(placed))
    return owners


def _place_of(placed: Placed) -> Span:
    """Return the place of a layer, or of the user's call of the library block that holds it."""
    spans = [placed.step.origin.span, *(call.origin.span for call in reversed(placed.calls))]
    return next((span for span in spans if not span.in_library), spans[0])
