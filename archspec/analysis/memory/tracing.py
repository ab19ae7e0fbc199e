"""A forward in training mode, without running it: every op's own rule, in the order in which the module runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.analysis.in_place import in_place
from archspec.ir.graph import Body, Call, Graph, Node, join
from archspec.ir.types import ValueType
from archspec.ops._arrays import Array, Storage, row_major
from archspec.ops._tape import At, Tape

INPUT_DTYPES = {"ids": "int64", "mask": "bool"}  # all other values are float32


class UnknownMemory(ValueError):
    """A graph with layers that failed, of which nothing can be predicted."""


@dataclass(slots=True)
class Trace:
    """What a forward does: its operations, by op, with the arrays that come in and go out."""

    batch: int
    tape: Tape = field(default_factory=Tape)
    paths: list[str] = field(default_factory=list)  # of the ops, by their number
    inputs: tuple[Array, ...] = ()
    outputs: tuple[Array, ...] = ()
    _in_place: dict[int, frozenset[int]] = field(default_factory=dict)

    def body(self, body: Body, prefix: str, given: tuple[Array | None, ...]) -> tuple[Array | None, ...]:
        """The values that a body gives for those that it is given."""
        values: list[Array | None] = list(given)
        if id(body) not in self._in_place:
            self._in_place[id(body)] = in_place(body)
        overwriting = self._in_place[id(body)]
        for index, step in enumerate(body.steps):
            inputs = tuple(None if v is None else values[v] for v in step.inputs)
            path = join(prefix, step.scope)
            if isinstance(step, Call):
                values.extend(self.body(step.body, path, inputs))
            else:
                values.extend(self.node(body, step, path, inputs, index in overwriting))
        return tuple(values[number] for number in body.outputs)

    def node(
        self, body: Body, node: Node, path: str, inputs: tuple[Array | None, ...], overwrites: bool
    ) -> tuple[Array, ...]:
        """The values that one op gives."""
        types = body.input_types(node)
        if node.failed or not all(value.known for value in node.outputs):
            raise UnknownMemory(f"{path} has no known shape, so that its memory cannot be predicted")
        self.tape.op = len(self.paths)
        self.paths.append(path)
        own = {tensor.name: tensor for tensor in node.op.tensors(types)}
        tensors = {name: own_array(tensor.shape, tensor.role) for name, tensor in own.items()}
        return node.op.trace(self.tape, At(inputs, types, node.outputs, tensors, overwrites))


def own_array(shape: tuple[int, ...], role: str) -> Array:
    """A tensor of the network."""
    learned = role == "parameter"
    return Array(Storage(0, "parameter" if learned else "buffer"), shape, row_major(shape), "float32", learned)


def input_array(value: ValueType, batch: int, needs_grad: bool = False) -> Array:
    """A batch of a value that comes in from outside; only numbers have a gradient."""
    shape = (batch, *(int(size) for size in value.shape if isinstance(size, int)))
    dtype = INPUT_DTYPES.get(value.kind, "float32")
    return Tape().made(shape, dtype, needs_grad=needs_grad and dtype == "float32")


def trace(graph: Graph, batch: int = 1, *, fused_attention: bool = False) -> Trace:
    """The forward of a graph's module in training mode on so many samples."""
    found = Trace(batch, Tape(fused_attention))
    found.inputs = tuple(input_array(value, batch) for _, value in graph.inputs)
    found.outputs = tuple(x for x in found.body(graph.body, "", found.inputs) if x is not None)
    return found


def saved_bytes(graph: Graph, batch: int = 1, *, fused_attention: bool = False) -> int:
    """What autograd keeps of a forward in training mode: each storage once, parameters and buffers left out."""
    found = trace(graph, batch, fused_attention=fused_attention)
    kept = {storage for step in found.tape.steps for storage in step.saved if storage.role == "value"}
    return sum(storage.bytes for storage in kept)
