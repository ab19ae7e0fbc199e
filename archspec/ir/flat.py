"""The Graph without its blocks: every op in order of execution, each value with the op that makes it and those that
read it. One pass over the Graph; a block that is called often stands here as often."""

from __future__ import annotations

from msgspec import Struct, field

from archspec.ir.graph import Body, Call, Graph, Node
from archspec.ir.op import Op
from archspec.ir.types import UNKNOWN, ValueType


class FlatNode(Struct, frozen=True, eq=False):
    """One op with its full path, the calls that lead to it (outermost first), and its values by their flat numbers."""

    index: int
    node: Node
    path: str
    calls: tuple[Call, ...]
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]
    kind: str  # of its op; stored, as is the op: rules read both at every layer
    op: Op


class Flat(Struct):
    """All ops of a Graph. Values are numbered: first the network's inputs, then every op's outputs in order."""

    nodes: list[FlatNode] = field(default_factory=list)
    types: list[ValueType] = field(default_factory=list)
    makers: list[int] = field(default_factory=list)  # for each value the index of its op, -1 for an input
    readers: list[list[int]] = field(default_factory=list)  # for each value the indices of the ops that read it
    outputs: tuple[int, ...] = ()
    inputs: tuple[int, ...] = ()
    outermost: tuple[int | None, ...] = ()  # for each value of the Graph's own body the value here

    def input_types(self, node: FlatNode) -> tuple[ValueType, ...]:
        """The types an op is given, UNKNOWN for a port left out."""
        return tuple(UNKNOWN if v is None else self.types[v] for v in node.inputs)

    def _value(self, value_type: ValueType, maker: int) -> int:
        self.types.append(value_type)
        self.makers.append(maker)
        self.readers.append([])
        return len(self.types) - 1

    def _body(self, body: Body, prefix: str, calls: tuple[Call, ...], given: tuple[int | None, ...]) -> list[int]:
        values: list[int | None] = list(given)
        for step in body.steps:
            inputs = tuple([None if v is None else values[v] for v in step.inputs])
            path = f"{prefix}.{step.scope}" if prefix and step.scope else prefix or step.scope
            if isinstance(step, Call):
                values.extend(self._body(step.body, path, (*calls, step), inputs))
                continue
            index = len(self.nodes)
            first = len(self.types)
            self.types.extend(step.outputs)
            outputs = tuple(range(first, len(self.types)))
            self.makers.extend([index] * len(outputs))
            self.readers.extend([[] for _ in outputs])
            self.nodes.append(FlatNode(index, step, path, calls, inputs, outputs, step.op.kind, step.op))
            for value in inputs:
                if value is not None:
                    self.readers[value].append(index)
            values.extend(outputs)
        if not calls:
            self.outermost = tuple(values)
        return [v for v in (values[number] for number in body.outputs) if v is not None]


def flatten(graph: Graph) -> Flat:
    """The flat view of a Graph."""
    flat = Flat()
    flat.inputs = tuple(flat._value(value_type, -1) for _, value_type in graph.inputs)
    flat.outputs = tuple(flat._body(graph.body, "", (), flat.inputs))
    return flat
