"""The operations of torch that a forward and a backward pass run, op by op, each with its bytes and arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.cost import node_cost
from archspec.analysis.latency.profile import Dtype
from archspec.analysis.memory.forward_trace import ForwardTrace
from archspec.ir.graph import Node, Placed
from archspec.ir.op import WorkKind
from archspec.tracing.arrays import ITEM_BYTES, Array, Storage
from archspec.tracing.tape import TapeEntry


class Kernel(Struct, frozen=True):
    """An operation of torch: bytes read and written, floating point operations of its `work`, and elementwise ones.

    pooling: the elementwise ones are those of pooling windows. gradient: it computes gradients, for `work` by products.
    """

    bytes: int
    flops: int = 0
    elementwise: int = 0
    work: WorkKind | None = None
    pooling: bool = False
    gradient: bool = False


class OpKernels(Struct, frozen=True):
    """The operations of one op forward and, in training, backward."""

    forward: tuple[Kernel, ...] = ()
    backward: tuple[Kernel, ...] = ()


def list_kernels(trace: ForwardTrace, nodes: list[Placed], dtype: Dtype, training: bool) -> list[OpKernels]:
    """Return what every op of a trace runs, in the order of the nodes, with all numbers in one dtype."""
    own: list[list[TapeEntry]] = [[] for _ in nodes]
    for entry in trace.tape.entries:
        if not _is_view(entry):
            own[entry.op].append(entry)
    again = _accumulated(trace.tape.entries) if training else {}
    found = []
    for number, (placed, entries) in enumerate(zip(nodes, own, strict=True)):
        assert isinstance(placed.step, Node)
        op = _OpSteps(placed, placed.step, entries, trace.batch, _Sizes(dtype))
        runs = training or not placed.step.op.training_only
        forward = tuple(op.forward(training)) if runs else ()
        found.append(OpKernels(forward, tuple(op.backward(again.get(number, []))) if training else ()))
    return found


class _Sizes(Struct, frozen=True):
    """The bytes of arrays and storages with all numbers in one dtype."""

    dtype: Dtype

    def of(self, *arrays: Array) -> int:
        """Return the bytes of some arrays, one that is listed twice counted once."""
        return sum(x.elements * self._item(x.dtype) for x in dict.fromkeys(arrays))

    def saved(self, storages: tuple[Storage, ...]) -> int:
        """Return the bytes of the values among some storages, whose own sizes are in float32."""
        return sum(x.bytes for x in storages if x.role == "value") * ITEM_BYTES[self.dtype] // ITEM_BYTES["float32"]

    def _item(self, dtype: str) -> int:
        return ITEM_BYTES[self.dtype if dtype == "float32" else dtype]


class _OpSteps:
    """An op and the operations that torch runs for it; one of them, `main`, does its arithmetic."""

    def __init__(self, placed: Placed, node: Node, entries: list[TapeEntry], batch: int, sizes: _Sizes) -> None:
        inputs = placed.body.input_types(node)
        cost = node_cost(placed.body, node)
        self.op, self.entries, self.sizes = node.op, entries, sizes
        self.flops, self.elementwise = 2 * cost.macs * batch, cost.elementwise_flops * batch
        self.work = node.op.work_kind(inputs[0]) if cost.macs else None
        self.main = _main(entries, self.work)

    def forward(self, training: bool) -> Iterator[Kernel]:
        """Yield a kernel for each operation, which reads its inputs and writes its outputs."""
        for entry in self.entries:
            # What is made only for the backward pass is left out of inference.
            outputs = entry.outputs if training else entry.outputs[:1]
            size = self.sizes.of(*self._read(entry)) + self.sizes.of(*outputs)
            yield self._kernel(entry, size)

    def _read(self, entry: TapeEntry) -> tuple[Array, ...]:
        """Return what an operation reads: no batch counter, and of an embedding table as much as it outputs."""
        if not self.op.is_lookup:
            return tuple(x for x in entry.inputs if x.shape or x.storage.role != "buffer")
        return (*(x for x in entry.inputs if x.storage.role == "value"), entry.outputs[0])

    def _kernel(self, entry: TapeEntry, size: int, times: int = 1) -> Kernel:
        if entry is not self.main:
            return Kernel(size)
        pooling = self.op.pooling in ("window", "adaptive")  # a global one is a reduction, as fast as any
        return Kernel(size, times * self.flops, self.elementwise, self.work, pooling)

    def backward(self, again: list[Array]) -> Iterator[Kernel]:
        """Yield the gradients of each operation; `again`: values whose gradient is added to that of another reader."""
        for entry in reversed(self.entries):
            if not entry.outputs[0].needs_grad:
                continue
            if entry.passes:
                yield from self._summed(entry)
            # Attention's backward is not split by operand: it is one operation of twice the forward's work.
            elif entry is self.main and self.work not in (None, "attention"):
                yield from self._products(entry)
            else:
                given = [x for x in entry.inputs if x.needs_grad]
                size = self.sizes.of(entry.outputs[0]) + self.sizes.saved(entry.saved) + self.sizes.of(*given)
                yield replace(self._kernel(entry, size, times=2), gradient=True)
                yield from self._summed(entry)
        # A value with several readers: two gradients are read and their sum is written.
        for x in again:
            yield Kernel(3 * self.sizes.of(x), elementwise=x.elements)

    def _summed(self, entry: TapeEntry) -> Iterator[Kernel]:
        """Yield the sums that make the gradient of a broadcast input."""
        out = entry.outputs[0]
        for x in entry.inputs:
            if entry.stretches and x.needs_grad and x.elements < out.elements:
                yield Kernel(self.sizes.of(out) + self.sizes.of(x), elementwise=out.elements)

    def _products(self, entry: TapeEntry) -> Iterator[Kernel]:
        """Yield the gradients of a convolution or matmul: a product for each of its two operands, a sum for a bias."""
        out = entry.outputs[0]
        operands = [x for x in entry.inputs if x.storage.role == "value" or len(x.shape) > 1]
        for x in entry.inputs:
            if x.needs_grad and x in operands:
                yield Kernel(self.sizes.of(out, *operands), self.flops, 0, self.work, gradient=True)
            elif x.needs_grad:
                yield Kernel(self.sizes.of(out, x), elementwise=out.elements)


def _main(entries: list[TapeEntry], work: WorkKind | None) -> TapeEntry | None:
    """Return the operation that does the arithmetic: with weights the one that reads them, else the last."""
    if work not in (None, "attention"):
        weighted = [e for e in entries if any(x.storage.role == "parameter" and len(x.shape) > 1 for x in e.inputs)]
        entries = weighted or entries
    return entries[-1] if entries else None


def _is_view(entry: TapeEntry) -> bool:
    """Return whether an operation only reads the same memory in another way, which runs no kernel."""
    same = all(x.storage is entry.inputs[0].storage for x in entry.outputs)
    return same and (entry.passes or len(entry.outputs) > 1)  # several are what a split gives


def _accumulated(entries: list[TapeEntry]) -> dict[int, list[Array]]:
    """Return by op the values whose gradient a later reader has produced already, so that both are added."""
    found: dict[int, list[Array]] = {}
    seen: set[Array] = set()
    for entry in reversed(entries):
        for x in entry.inputs:
            if not x.needs_grad or not entry.outputs[0].needs_grad:
                continue
            if x in seen:
                found.setdefault(entry.op, []).append(x)
            seen.add(x)
    return found
