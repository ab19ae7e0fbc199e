"""The tape: what torch runs for a forward in training mode, the arrays that it makes, and what autograd saves.

Each op's `trace` writes its operations with the methods of `Tape`; nothing is computed. Memory and latency are read
from the result. What the tape assumes, each point being checked against torch by tests/ops and tests/analysis/memory:

Order. Operations run in the order in which they are written, that of the generated `forward`, on one stream. The
backward pass runs them in reverse.

Storage. An operation allocates one storage for its result, of exactly the bytes of its elements (allocators round
later), unless the result is a view or is written in place. A storage lives as long as an array on it is read later, or
autograd has saved it. Layouts are torch's: what comes out contiguous, channels last or permuted decides where torch
copies.

Saving. An entry lists the storages that the operation's backward node holds. Tensors of the network (parameters,
buffers) are not listed: they exist anyway. Where no gradient flows, nothing is saved.

In place. An op overwrites its input only where `analysis/in_place.py` allows it: the result then has the input's
storage, and the op may save its output only.

Autocast. Casts are operations of their own, by torch's lists (`autocast.py`); a parameter is cast once for the whole
forward, as autocast's weight cache does, and the copy is held to its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.ir.types import ValueType
from archspec.tracing.arrays import (
    ITEM_BYTES,
    Array,
    ArrayShape,
    Storage,
    broadcast,
    channels_last,
    elementwise_strides,
    prefers_channels_last,
    row_major,
    viewed,
)
from archspec.tracing.autocast import FLOATS, Device, precision, promoted


class TracedOp(Struct, frozen=True):
    """An op with its input arrays (None for a port left out), its types and its own tensors."""

    inputs: tuple[Array | None, ...]
    types: tuple[ValueType, ...]
    outputs: tuple[ValueType, ...]
    tensors: dict[str, Array]
    in_place: bool = False

    @property
    def x(self) -> Array:
        """The array at the first port."""
        first = self.inputs[0]
        assert first is not None
        return first

    @property
    def present_inputs(self) -> tuple[Array, ...]:
        """The input arrays without the ports left out."""
        return tuple(x for x in self.inputs if x is not None)

    def per_channel(self, tensor: Array) -> Array:
        """Return a tensor [C] or [1] as it broadcasts along the channels, axis 1."""
        rest = (1,) * (len(self.x.shape) - 2)
        return replace(tensor, shape=(*tensor.shape, *rest), strides=(1, *rest))


class TapeEntry(Struct, frozen=True, eq=False):
    """An operation of torch: the op that runs it, the arrays it reads and makes, and the storages it saves.

    passes: an input's gradient is the output's, or a view of it, unless the input is larger: the backward pass then
    allocates nothing. expands: the gradient of the input, which is larger, is the output's with strides of 0.
    stretches: it is elementwise, so that the gradient of an input that is broadcast or of another dtype is computed in
    the shape and dtype of the output first. scratch: bytes that its backward allocates and frees again, besides those.
    """

    op: int
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    saved: tuple[Storage, ...]
    passes: bool
    stretches: bool = False
    scratch: int = 0
    expands: bool = False


class Tape(Struct):
    """The operations of a forward in training mode, in order.

    fused_attention: attention is one fused kernel, as torch chooses, and not its composition. device: a GPU saves a
    dropout's mask as booleans, and has other autocast lists. lower: the dtype that autocast casts to; "" without.
    op: the number of the op whose operations are being written.
    """

    fused_attention: bool = False
    device: Device = "cpu"
    lower: str = ""
    entries: list[TapeEntry] = field(default_factory=list)
    op: int = 0
    weights: dict[Array, Array] = field(default_factory=dict)  # in lower precision: kept until the forward is over
    held_until: dict[Storage, int] = field(default_factory=dict)  # by arguments of functions: the entry that ends them

    def made(self, shape: ArrayShape, dtype: str, strides: ArrayShape | None = None, needs_grad: bool = False) -> Array:
        """Return a new array in a storage of its own."""
        storage = Storage(prod(shape) * ITEM_BYTES[dtype])
        return Array(storage, shape, strides or row_major(shape), dtype, needs_grad)

    def run(
        self,
        inputs: Sequence[Array],
        shape: ArrayShape,
        strides: ArrayShape | None = None,
        *,
        keeps: Sequence[Array] = (),
        keeps_output: bool = False,
        extras: Sequence[tuple[ArrayShape, str]] = (),
        onto: Array | None = None,
        view_of: Array | None = None,
        passes: bool = False,
        stretches: bool = False,
        scratch: int = 0,
        expands: bool = False,
        dtype: str | None = None,
    ) -> Array:
        """Write one operation and return its result, in a new storage unless it is written `onto` an array or a view.

        keeps, keeps_output: what is saved for the gradient. extras: shape and dtype of further results that exist only
        to be saved (the mask of a dropout, the statistics of a norm).
        """
        kind = dtype or promoted(*inputs)
        needs_grad = any(x.needs_grad for x in inputs)
        same = onto or view_of
        if same is None:
            result = self.made(shape, kind, strides, needs_grad)
        else:
            result = Array(same.storage, shape, strides or same.strides, kind, needs_grad)
        more = [self.made(size, of) for size, of in extras]
        # Autograd records a node, and saves, only where some input needs a gradient; a storage saved twice is one.
        kept = [*keeps, *([result] if keeps_output else []), *more] if needs_grad else []
        storages = tuple(dict.fromkeys(x.storage for x in kept if x.storage.role == "value"))
        passes = passes or view_of is not None
        self.entries.append(
            TapeEntry(self.op, tuple(inputs), (result, *more), storages, passes, stretches, scratch, expands)
        )
        return result

    def hold(self, *arguments: Array) -> None:
        """Hold the arguments of one of torch's functions until it returns, which it does with the last entry so far.

        Autocast's copies belong to a wrapper around the function: operations within it that replace an argument by
        another copy do not free them.
        """
        last = len(self.entries) - 1
        self.held_until.update(dict.fromkeys([x.storage for x in arguments], last))

    # Autocast.

    def cast(self, name: str, x: Array) -> Array:
        """Return an input of one of torch's functions as autocast casts it."""
        return self.to(x, precision(name, self.device, self.lower))

    def tensors(self, name: str, traced: TracedOp) -> dict[str, Array]:
        """Return the op's own tensors as autocast casts them for one of torch's functions."""
        return {own: self.cast(name, x) for own, x in traced.tensors.items()}

    def result(self, name: str, x: Array) -> str:
        """Return the dtype of a result where autocast sets that alone (`sum(dtype=)`), and leaves the input."""
        return precision(name, self.device, self.lower) or x.dtype

    def statistics(self, traced: TracedOp) -> str:
        """Return the dtype of a norm's saved statistics; on a CPU the map's own if the norm has no tensors."""
        return "float32" if traced.tensors or self.device == "gpu" else traced.x.dtype

    def to(self, x: Array, dtype: str) -> Array:
        """Return a copy in another precision, or the array itself if it has that one."""
        if not dtype or x.dtype == dtype or x.dtype not in FLOATS:
            return x
        # Autocast caches the casts of parameters: one that is used twice is cast once.
        if x in self.weights:
            return self.weights[x]
        result = self.run([x], x.shape, elementwise_strides(x.shape, (x,)), dtype=dtype)
        if x.storage.role == "parameter" and x.contiguous:
            self.weights[x] = result
        return result

    # Elementwise.

    def elementwise(
        self,
        *inputs: Array,
        keeps: Sequence[Array] = (),
        keeps_output: bool = False,
        extras: Sequence[tuple[ArrayShape, str]] = (),
        onto: Array | None = None,
        passes: bool = False,
        scratch: int = 0,
    ) -> Array:
        """Write one elementwise operation; smaller operands are broadcast."""
        shape = broadcast(*(x.shape for x in inputs))
        strides = elementwise_strides(shape, inputs)
        return self.run(
            inputs,
            shape,
            strides,
            keeps=keeps,
            keeps_output=keeps_output,
            extras=extras,
            onto=onto,
            passes=passes,
            stretches=True,
            scratch=scratch,
        )

    def activation(self, traced: TracedOp, keeps: str = "input") -> tuple[Array, ...]:
        """Write an activation that saves its input or its output; in place it can only save its output."""
        x = traced.x
        from_output = keeps == "output" or traced.in_place
        onto = x if traced.in_place else None
        return (self.elementwise(x, keeps=[] if from_output else [x], keeps_output=from_output, onto=onto),)

    def add(self, *terms: Array) -> Array:
        """Write the sum of the terms, one after the other: nothing is saved."""
        total = terms[0]
        for term in terms[1:]:
            total = self.elementwise(total, term, passes=True)
        return total

    def multiply(self, *factors: Array) -> Array:
        """Write the product, one factor after the other; each is saved where a gradient flows to the other."""
        total = factors[0]
        for factor in factors[1:]:
            # The gradient of one factor is the other times the gradient of the product.
            kept = [*([factor] if total.needs_grad else []), *([total] if factor.needs_grad else [])]
            total = self.elementwise(total, factor, keeps=kept)
        return total

    def square(self, x: Array) -> Array:
        """Write x ** 2, whose gradient torch computes as grad * (2 * x ** 1): two arrays besides the result."""
        return self.elementwise(x, keeps=[x], scratch=2 * x.bytes)

    def maximum(self, x: Array, shape: ArrayShape) -> Array:
        """Write a maximum over axes, whose gradient is divided among equal ones: it makes a mask and counts them."""
        counts = prod(shape) * (ITEM_BYTES["int64"] + ITEM_BYTES[x.dtype])
        return self.run([x], shape, keeps=[x], keeps_output=True, scratch=x.elements + counts)

    # Views and copies.

    def view(self, x: Array, shape: ArrayShape, strides: ArrayShape) -> Array:
        """Write a view: the same memory under another shape."""
        return self.run([x], shape, strides, view_of=x)

    def split(self, x: Array, shapes: Sequence[ArrayShape]) -> tuple[Array, ...]:
        """Write one operation that returns views of stretches of an array; its backward joins their gradients."""
        pieces = tuple(Array(x.storage, shape, x.strides, x.dtype, x.needs_grad) for shape in shapes)
        self.entries.append(TapeEntry(self.op, (x,), pieces, (), False))
        return pieces

    def permute(self, x: Array, axes: Sequence[int]) -> Array:
        """Write a view with the axes in that order."""
        return self.view(x, tuple(x.shape[a] for a in axes), tuple(x.strides[a] for a in axes))

    def move(self, x: Array, source: int, target: int) -> Array:
        """Write a view with one axis moved."""
        axes = [a for a in range(len(x.shape)) if a != source % len(x.shape)]
        axes.insert(target % len(x.shape), source % len(x.shape))
        return self.permute(x, axes)

    def reshape(self, x: Array, shape: ArrayShape) -> Array:
        """Write a view of another shape, or a copy where the strides allow none."""
        strides = viewed(x, shape)
        return self.run([x], shape, passes=True) if strides is None else self.view(x, shape, strides)

    def flatten(self, x: Array, first: int, last: int = -1) -> Array:
        """Write a reshape that joins the axes first to last."""
        end = last % len(x.shape)
        if first == end:
            return x
        return self.reshape(x, (*x.shape[:first], prod(x.shape[first : end + 1]), *x.shape[end + 1 :]))

    def contiguous(self, x: Array) -> Array:
        """Return the array itself, or write a copy in row-major order."""
        return x if x.contiguous else self.run([x], x.shape, passes=True)

    def fresh(
        self,
        traced: TracedOp,
        keeps: Sequence[Array] = (),
        extras: Sequence[tuple[ArrayShape, str]] = (),
        name: str = "",
    ) -> Array:
        """Write the function `name` of torch that makes the op's output, from its input and its own tensors.

        As torch's convolutions, pools and norms do, it lays the output out channels last in memory where the input is.
        """
        x = self.cast(name, traced.x)
        tensors = self.tensors(name, traced)
        shape = self.shape_of(traced)
        strides = channels_last(shape) if prefers_channels_last(x) else None
        cast = {traced.x: x, **{traced.tensors[own]: tensor for own, tensor in tensors.items()}}
        # Under autocast it is the casts that are computed with, and so saved.
        kept = [cast.get(array, array) for array in keeps]
        result = self.run([x, *tensors.values()], shape, strides, keeps=kept, extras=extras, dtype=x.dtype)
        # The caller's argument too, where the op has made it: a padded copy.
        self.hold(traced.x, x)
        return result

    def shape_of(self, traced: TracedOp, number: int = 0) -> ArrayShape:
        """Return the shape of an output of the op, batch first."""
        return (traced.x.shape[0], *(int(size) for size in traced.outputs[number].shape if isinstance(size, int)))

    # Matrices.

    def linear(self, x: Array, weight: Array, bias: Array | None) -> Array:
        """Write x W^T + b over the last axis, on matrices: what is not one matrix is copied, and the copy is saved."""
        x, weight = self.cast("linear", x), self.cast("linear", weight)
        bias = None if bias is None else self.cast("linear", bias)
        features = weight.shape[0]
        shape = (*x.shape[:-1], features)
        rows = x if len(x.shape) == 2 else self.reshape(x, (prod(x.shape[:-1]), x.shape[-1]))
        operands = [rows, weight, *([bias] if bias is not None else [])]
        # The weight's gradient needs the input; the input's needs the weight, and the network's input has none.
        flat = self.run(operands, (rows.shape[0], features), keeps=[rows, *([weight] if x.needs_grad else [])])
        self.hold(x)
        return flat if len(x.shape) == 2 else self.view(flat, shape, row_major(shape))

    def batches(self, x: Array) -> Array:
        """Write [B, H, L, D] as B * H matrices."""
        return self.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))
