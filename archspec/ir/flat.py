"""The Graph with its calls inlined: every op in order of execution, each value with its producer and its consumers.

Made in one pass; a block that is called many times appears as many times.
"""

from __future__ import annotations

from msgspec import Struct, field

from archspec.ir.graph import Body, Call, Graph, Node
from archspec.ir.op import Op
from archspec.ir.types import UNKNOWN, ValueType


class FlatNode(Struct, frozen=True, eq=False):
    """An op with its full path, the calls around it (outermost first), and its values by their flat numbers."""

    index: int
    node: Node
    path: str
    calls: tuple[Call, ...]
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]
    kind: str  # of its op; stored, as is the op: rules read both at every layer
    op: Op


class FlatGraph(Struct):
    """A Graph with all calls inlined. Values are numbered: the network's inputs, then every op's outputs in order."""

    nodes: list[FlatNode] = field(default_factory=list)
    types: list[ValueType] = field(default_factory=list)
    producers: list[int] = field(default_factory=list)  # for each value the index of its op, -1 for an input
    consumers: list[list[int]] = field(default_factory=list)  # for each value the indices of the ops that read it
    outputs: tuple[int, ...] = ()
    inputs: tuple[int, ...] = ()
    outermost: tuple[int | None, ...] = ()  # for each value of the Graph's own body the value here

    def input_types(self, node: FlatNode) -> tuple[ValueType, ...]:
        """Return the types of an op's inputs, UNKNOWN for a port left out."""
        return tuple(UNKNOWN if v is None else self.types[v] for v in node.inputs)

    def _add_input(self, value_type: ValueType) -> int:
        self.types.append(value_type)
        self.producers.append(-1)
        self.consumers.append([])
        return len(self.types) - 1

    def _inline(self, body: Body, prefix: str, calls: tuple[Call, ...], arguments: tuple[int | None, ...]) -> list[int]:
        nodes, types, producers, consumers = self.nodes, self.types, self.producers, self.consumers
        values: list[int | None] = list(arguments)
        for step in body.steps:
            # List comprehensions and local names: this loop runs for every layer, and linting waits for it.
            inputs = tuple([None if v is None else values[v] for v in step.inputs])
            scope = step.scope
            path = f"{prefix}.{scope}" if prefix and scope else prefix or scope
            if isinstance(step, Call):
                values.extend(self._inline(step.body, path, (*calls, step), inputs))
                continue
            index, first, made, op = len(nodes), len(types), step.outputs, step.op
            outputs = (first,) if len(made) == 1 else tuple(range(first, first + len(made)))
            types.extend(made)
            for _ in made:
                producers.append(index)
                consumers.append([])
            nodes.append(FlatNode(index, step, path, calls, inputs, outputs, op.kind, op))
            for value in inputs:
                if value is not None:
                    consumers[value].append(index)
            values.extend(outputs)
        if not calls:
            self.outermost = tuple(values)
        return [v for v in (values[number] for number in body.outputs) if v is not None]


def flatten(graph: Graph) -> FlatGraph:
    """Return a Graph with its calls inlined."""
    flat = FlatGraph()
    flat.inputs = tuple(flat._add_input(value_type) for _, value_type in graph.inputs)
    flat.outputs = tuple(flat._inline(graph.body, "", (), flat.inputs))
    return flat
