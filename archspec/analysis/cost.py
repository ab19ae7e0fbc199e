"""Parameters, buffers, MACs and the rest of a Graph, as exact integers for one sample; each distinct body once."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from archspec.ir.graph import Body, Call, Graph, Node, Step
from archspec.ir.op import Tensor
from archspec.ir.types import UNKNOWN, ValueType

BYTES = {"ids": 8, "mask": 1}  # of an element; of all other values 4


class Cost(Struct, frozen=True):
    """The cost of a part of a network for one sample. `macs` are those of conv, linear and matmul, without bias.

    `output_bytes` is the size of its ops' outputs, in float32. `unknown` counts the ops of a broken design, which add
    nothing else, since they have no shape.
    """

    params: int = 0
    buffers: int = 0
    macs: int = 0
    elementwise_flops: int = 0
    unknown: int = 0
    output_bytes: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.params + other.params,
            self.buffers + other.buffers,
            self.macs + other.macs,
            self.elementwise_flops + other.elementwise_flops,
            self.unknown + other.unknown,
            self.output_bytes + other.output_bytes,
        )

    def __neg__(self) -> Cost:
        return Cost() - self

    def __sub__(self, other: Cost) -> Cost:
        return Cost(
            self.params - other.params,
            self.buffers - other.buffers,
            self.macs - other.macs,
            self.elementwise_flops - other.elementwise_flops,
            self.unknown - other.unknown,
            self.output_bytes - other.output_bytes,
        )

    @property
    def flops(self) -> int:
        """The floating point operations of the MACs, two for each."""
        return 2 * self.macs


class Costs:
    """The costs of a graph's parts; a body that is used a hundred times is counted once."""

    def __init__(self) -> None:
        self._bodies: dict[int, Cost] = {}
        self._kept: list[Body] = []  # an id is only unique while its body lives

    def of_body(self, body: Body) -> Cost:
        known = self._bodies.get(id(body))
        if known is None:
            known = self.of_steps(body, 0, len(body.steps))
            self._bodies[id(body)] = known
            self._kept.append(body)
        return known

    def of_steps(self, body: Body, first: int, last: int) -> Cost:
        """Return the cost of the steps [first, last) of a body."""
        params = buffers = macs = elementwise = unknown = output_bytes = 0
        for step in body.steps[first:last]:
            cost = self.of_step(body, step)
            params, buffers = params + cost.params, buffers + cost.buffers
            macs, elementwise = macs + cost.macs, elementwise + cost.elementwise_flops
            unknown, output_bytes = unknown + cost.unknown, output_bytes + cost.output_bytes
        return Cost(params, buffers, macs, elementwise, unknown, output_bytes)

    def of_step(self, body: Body, step: Step) -> Cost:
        """Return the cost of one node or call. Shared tensors count at their first use."""
        if isinstance(step, Call):
            cost = self.of_body(step.body)
            # A shared tensor is one tensor, however many layers use it.
            return replace(cost, params=0, buffers=0) if step.share else cost
        return node_cost(body, step)


def node_cost(body: Body, node: Node) -> Cost:
    """Return the cost of an op in its body."""
    types, op, outputs = body.types, node.op, node.outputs
    inputs = tuple([UNKNOWN if value is None else types[value] for value in node.inputs])
    for value, item in zip(node.inputs, inputs, strict=True):
        if value is not None and item.kind == "unknown":
            return Cost(unknown=1)
    output_bytes = 0
    for item in outputs:
        if item.kind == "unknown":
            return Cost(unknown=1)
        output_bytes += BYTES.get(item.kind, 4) * item.elements
    params = buffers = 0
    for tensor in _own_tensors(node, inputs):
        if tensor.role == "parameter":
            params += tensor.elements
        else:
            buffers += tensor.elements
    return Cost(params, buffers, op.macs(inputs, outputs), op.elementwise_flops(inputs, outputs), 0, output_bytes)


def own_tensors(body: Body, node: Node) -> tuple[Tensor, ...]:
    """Return the tensors of an op that it does not share with an earlier layer."""
    return _own_tensors(node, body.input_types(node))


def _own_tensors(node: Node, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
    if not node.share:
        return node.op.tensors(inputs)
    shared = {share.tensor for share in node.share}
    # An empty name shares all tensors of the layer.
    return () if "" in shared else tuple(t for t in node.op.tensors(inputs) if t.name not in shared)


def graph_cost(graph: Graph) -> Cost:
    """Return the cost of the whole network."""
    return Costs().of_body(graph.body)
