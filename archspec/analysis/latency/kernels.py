"""What a forward and a backward pass run, op by op: for each operation of torch its bytes and its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.cost import node_cost
from archspec.analysis.latency.profile import Dtype, Work
from archspec.analysis.memory.tracing import Trace
from archspec.ir.graph import Node, Placed
from archspec.ir.op import per_axis
from archspec.ir.types import ValueType
from archspec.tracing.arrays import ITEM_BYTES, Array, Storage
from archspec.tracing.tape import Step

POOLING = ("max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool")
TRAINING_ONLY = ("dropout", "drop_path")  # in eval mode their modules hand on what they are given


class Kernel(Struct, frozen=True):
    """One operation of torch: bytes read and written, floating point operations of a kind of work, and elementwise.

    pooling: the elementwise ones are those of windows. gradient: it makes gradients, by products if there is `work`.
    """

    bytes: int
    flops: int = 0
    elementwise: int = 0
    work: Work | None = None
    pooling: bool = False
    gradient: bool = False


class OpKernels(Struct, frozen=True):
    """What one op runs forward and, in training, backward."""

    forward: tuple[Kernel, ...] = ()
    backward: tuple[Kernel, ...] = ()


def work_of(node: Node, inputs: tuple[ValueType, ...]) -> Work:
    """What kind of work an op's MACs are."""
    if node.kind == "attention":
        return "attention"
    if node.kind not in ("conv", "conv_transpose"):
        return "matmul"
    groups, channels = getattr(node.op, "groups", 1), inputs[0].channels
    if groups > 1:
        return "depthwise" if groups == channels else "grouped"
    kernel = per_axis(getattr(node.op, "kernel", 1), len(inputs[0].spatial_axes), "kernel")
    return "pointwise" if set(kernel) == {1} else "convolution"


def kernels_of(trace: Trace, nodes: list[Placed], dtype: Dtype, training: bool) -> list[OpKernels]:
    """What every op of a trace runs, in the order of the nodes, all numbers being of one dtype."""
    own: list[list[Step]] = [[] for _ in nodes]
    for step in trace.tape.steps:
        if not _is_view(step):
            own[step.op].append(step)
    again = _accumulated(trace.tape.steps) if training else {}
    found = []
    for number, (placed, steps) in enumerate(zip(nodes, own, strict=True)):
        assert isinstance(placed.step, Node)
        op = _OpSteps(placed, placed.step, steps, trace.batch, _Sizes(dtype))
        runs = training or placed.step.kind not in TRAINING_ONLY
        forward = tuple(op.forward(training)) if runs else ()
        found.append(OpKernels(forward, tuple(op.backward(again.get(number, []))) if training else ()))
    return found


class _Sizes(Struct, frozen=True):
    """The bytes of arrays and storages where all numbers are of one dtype."""

    dtype: Dtype

    def of(self, *arrays: Array) -> int:
        """What the arrays take, one that is there twice counted once."""
        return sum(x.elements * self._item(x.dtype) for x in dict.fromkeys(arrays))

    def saved(self, storages: tuple[Storage, ...]) -> int:
        """What the values among some storages take; they are told in float32."""
        return sum(x.bytes for x in storages if x.role == "value") * ITEM_BYTES[self.dtype] // ITEM_BYTES["float32"]

    def _item(self, dtype: str) -> int:
        return ITEM_BYTES[self.dtype if dtype == "float32" else dtype]


class _OpSteps:
    """One op and the operations that torch runs for it; its arithmetic is done by the last of them (`main`)."""

    def __init__(self, placed: Placed, node: Node, steps: list[Step], batch: int, sizes: _Sizes) -> None:
        inputs = placed.body.input_types(node)
        cost = node_cost(placed.body, node)
        self.kind, self.steps, self.sizes = node.kind, steps, sizes
        self.flops, self.elementwise = 2 * cost.macs * batch, cost.elementwise_flops * batch
        self.work = work_of(node, inputs) if cost.macs else None
        self.main = _main(steps, self.work)

    def forward(self, training: bool) -> Iterator[Kernel]:
        """A kernel for each operation: it reads its inputs and writes its output."""
        for step in self.steps:
            # What is made only for the backward pass is left out of inference.
            outputs = step.outputs if training else step.outputs[:1]
            size = self.sizes.of(*self._read(step)) + self.sizes.of(*outputs)
            yield self._kernel(step, size)

    def _read(self, step: Step) -> tuple[Array, ...]:
        """What an operation reads: no counter of batches, and of a table of embeddings as much as it gives."""
        if self.kind != "embedding":
            return tuple(x for x in step.inputs if x.shape or x.storage.role != "buffer")
        return (*(x for x in step.inputs if x.storage.role == "value"), step.outputs[0])

    def _kernel(self, step: Step, size: int, times: int = 1) -> Kernel:
        if step is not self.main:
            return Kernel(size)
        return Kernel(size, times * self.flops, self.elementwise, self.work, self.kind in POOLING)

    def backward(self, again: list[Array]) -> Iterator[Kernel]:
        """The gradients of each operation; `again`: values whose gradient is added to that of another reader."""
        for step in reversed(self.steps):
            if not step.outputs[0].needs_grad:
                continue
            if step.passes:
                yield from self._summed(step)
            elif step is self.main and self.work not in (None, "attention"):
                yield from self._products(step)
            else:
                given = [x for x in step.inputs if x.needs_grad]
                size = self.sizes.of(step.outputs[0]) + self.sizes.saved(step.saved) + self.sizes.of(*given)
                yield replace(self._kernel(step, size, times=2), gradient=True)
                yield from self._summed(step)
        for x in again:
            yield Kernel(3 * self.sizes.of(x), elementwise=x.elements)

    def _summed(self, step: Step) -> Iterator[Kernel]:
        """An input that was stretched: its gradient is the sum over what it was stretched to."""
        out = step.outputs[0]
        for x in step.inputs:
            if step.stretches and x.needs_grad and x.elements < out.elements:
                yield Kernel(self.sizes.of(out) + self.sizes.of(x), elementwise=out.elements)

    def _products(self, step: Step) -> Iterator[Kernel]:
        """A convolution or matmul: a product for the gradient of each of its two operands, a sum for that of a bias."""
        out = step.outputs[0]
        operands = [x for x in step.inputs if x.storage.role == "value" or len(x.shape) > 1]
        for x in step.inputs:
            if x.needs_grad and x in operands:
                yield Kernel(self.sizes.of(out, *operands), self.flops, 0, self.work, gradient=True)
            elif x.needs_grad:
                yield Kernel(self.sizes.of(out, x), elementwise=out.elements)


def _main(steps: list[Step], work: Work | None) -> Step | None:
    """The operation that does the arithmetic: of a convolution or matmul the one with the weights, else the last."""
    if work not in (None, "attention"):
        steps = [s for s in steps if any(x.storage.role == "parameter" and len(x.shape) > 1 for x in s.inputs)] or steps
    return steps[-1] if steps else None


def _is_view(step: Step) -> bool:
    """Whether an operation only reads the same memory in another way, which takes no time to speak of."""
    same = all(x.storage is step.inputs[0].storage for x in step.outputs)
    return same and (step.passes or len(step.outputs) > 1)  # several are what a split gives


def _accumulated(steps: list[Step]) -> dict[int, list[Array]]:
    """By op, the values it reads whose gradient has come from a later reader already, so that both are added."""
    found: dict[int, list[Array]] = {}
    seen: set[Array] = set()
    for step in reversed(steps):
        for x in step.inputs:
            if not x.needs_grad or not step.outputs[0].needs_grad:
                continue
            if x in seen:
                found.setdefault(step.op, []).append(x)
            seen.add(x)
    return found
