"""The figures of boxes: parameters, MACs, memory of the outputs, and the receptive field of the last op."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from archspec.analysis.cost import Cost, node_cost
from archspec.analysis.receptive_field import receptive_fields
from archspec.ir.flat import FlatGraph
from archspec.ir.graph import Body, Graph

FLOAT_BYTES = 4


class BoxFigures(Struct, frozen=True):
    """The figures of a box, None if it has ops of unknown shape.

    memory: the bytes of all outputs of its ops, for one sample in float32. reach: the longest side of the receptive
    field in the first input, or of that input if it sees everything.
    """

    params: int | None = None
    macs: int | None = None
    memory: int | None = None
    receptive_field: str = ""
    reach: int | None = None


class FigureSource:
    """Computes the figures of boxes; the cost of an op in a shared body once."""

    def __init__(self, graph: Graph, flat: FlatGraph, lasts: Iterable[int]) -> None:
        self._graph, self._flat = graph, flat
        self._costs: dict[int, Cost] = {}
        values = tuple(flat.nodes[op].outputs[0] for op in lasts if flat.nodes[op].outputs)
        known = tuple(value for value in values if flat.types[value].known)
        self._fields = receptive_fields(flat, 0, known) if flat.inputs and flat.types[flat.inputs[0]].known else {}

    def of(self, ops: Iterable[int], last: int) -> BoxFigures:
        """Return the figures of some ops; the receptive field is that of `last`."""
        params = macs = memory = 0
        known = True
        for op in ops:
            cost = self._cost(op)
            outputs = [self._flat.types[value] for value in self._flat.nodes[op].outputs]
            known = known and not cost.unknown and all(kind.known for kind in outputs)
            params, macs = params + cost.params, macs + cost.macs
            memory += sum(kind.elements for kind in outputs) * FLOAT_BYTES if known else 0
        text, reach = self.field(last)
        return BoxFigures(params, macs, memory, text, reach) if known else BoxFigures(None, None, None, text, reach)

    def _cost(self, op: int) -> Cost:
        node = self._flat.nodes[op]
        cost = self._costs.get(id(node.node))
        if cost is None:
            body: Body = node.calls[-1].body if node.calls else self._graph.body
            # Calls share nodes, so that a block used a hundred times costs as much work as one.
            cost = self._costs[id(node.node)] = node_cost(body, node.node)
        shared = any(call.share for call in node.calls)
        # Shared tensors count where they are first used, as in the summary.
        return Cost(0, 0, cost.macs, 0, cost.unknown) if shared else cost

    def field(self, op: int) -> tuple[str, int | None]:
        """Return the receptive field of an op as text, and its longest side."""
        outputs = self._flat.nodes[op].outputs
        field = self._fields.get(outputs[0]) if outputs else None
        if field is None:
            return "", None
        sides = self._flat.types[self._flat.inputs[0]].spatial if field.sizes is None else field.sizes
        return str(field), max((size for size in sides if isinstance(size, int)), default=None)
