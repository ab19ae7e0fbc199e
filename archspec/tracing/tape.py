"""What torch runs for an op, as far as memory goes: the arrays that it makes, and those that autograd keeps."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.ir.types import ValueType
from archspec.tracing.arrays import (
    ITEM_BYTES,
    Array,
    Shape,
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
    """An op where it stands: what it is given (None for a port left out), its types and its own tensors."""

    inputs: tuple[Array | None, ...]
    types: tuple[ValueType, ...]
    outputs: tuple[ValueType, ...]
    tensors: dict[str, Array]
    in_place: bool = False

    @property
    def x(self) -> Array:
        """The first input."""
        first = self.inputs[0]
        assert first is not None
        return first

    @property
    def present_inputs(self) -> tuple[Array, ...]:
        """The inputs that are there."""
        return tuple(x for x in self.inputs if x is not None)

    def per_channel(self, tensor: Array) -> Array:
        """A tensor [C] or [1] as it meets the channels, axis 1."""
        rest = (1,) * (len(self.x.shape) - 2)
        return replace(tensor, shape=(*tensor.shape, *rest), strides=(1, *rest))


class TapeEntry(Struct, frozen=True, eq=False):
    """One operation of torch: what it reads, makes and keeps besides what the network owns.

    passes: an input's gradient is the output's, or a view of it, unless the input is larger. stretches: it repeats
    smaller inputs, whose gradients are summed. scratch: bytes that its gradient takes for a moment.
    """

    op: int
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    saved: tuple[Storage, ...]
    passes: bool
    stretches: bool = False
    scratch: int = 0


class Tape(Struct):
    """The operations of a forward in training mode, in order.

    fused_attention: in one operation, as torch chooses, and not in plain steps. device: a GPU keeps a dropout's mask as
    booleans, and has other lists of what autocast runs in which precision. lower: what autocast casts to; "" without.
    """

    fused_attention: bool = False
    device: Device = "cpu"
    lower: str = ""
    entries: list[TapeEntry] = field(default_factory=list)
    op: int = 0
    weights: dict[Array, Array] = field(default_factory=dict)  # in lower precision: kept until the forward is over

    def made(self, shape: Shape, dtype: str, strides: Shape | None = None, needs_grad: bool = False) -> Array:
        """A new array in a storage of its own."""
        storage = Storage(prod(shape) * ITEM_BYTES[dtype])
        return Array(storage, shape, strides or row_major(shape), dtype, needs_grad)

    def run(
        self,
        inputs: Sequence[Array],
        shape: Shape,
        strides: Shape | None = None,
        *,
        keeps: Sequence[Array] = (),
        keeps_output: bool = False,
        extras: Sequence[tuple[Shape, str]] = (),
        onto: Array | None = None,
        view_of: Array | None = None,
        passes: bool = False,
        stretches: bool = False,
        scratch: int = 0,
        dtype: str | None = None,
    ) -> Array:
        """One operation: its result, in a new storage unless it is written `onto` an array or is a `view_of` one.

        keeps: arrays kept for the gradient. extras: shape and dtype of what is made besides, only to be kept.
        """
        kind = dtype or promoted(*inputs)
        needs_grad = any(x.needs_grad for x in inputs)
        same = onto or view_of
        if same is None:
            result = self.made(shape, kind, strides, needs_grad)
        else:
            result = Array(same.storage, shape, strides or same.strides, kind, needs_grad)
        more = [self.made(size, of) for size, of in extras]
        kept = [*keeps, *([result] if keeps_output else []), *more] if needs_grad else []
        storages = tuple(dict.fromkeys(x.storage for x in kept if x.storage.role == "value"))
        passes = passes or view_of is not None
        self.entries.append(TapeEntry(self.op, tuple(inputs), (result, *more), storages, passes, stretches, scratch))
        return result

    # In another precision.

    def cast(self, name: str, x: Array) -> Array:
        """An input of one of torch's functions as autocast hands it over."""
        return self.to(x, precision(name, self.device, self.lower))

    def tensors(self, name: str, traced: TracedOp) -> dict[str, Array]:
        """The op's own tensors as autocast hands them to one of torch's functions."""
        return {own: self.cast(name, x) for own, x in traced.tensors.items()}

    def result(self, name: str, x: Array) -> str:
        """The dtype of the result where autocast sets that alone, and leaves the input."""
        return precision(name, self.device, self.lower) or x.dtype

    def statistics(self, traced: TracedOp) -> str:
        """The dtype of a norm's means and deviations: on a CPU a map's own if the norm has no tensors."""
        return "float32" if traced.tensors or self.device == "gpu" else traced.x.dtype

    def to(self, x: Array, dtype: str) -> Array:
        """A copy in another precision, unless it has that; of a learned tensor there is one for the whole forward."""
        if not dtype or x.dtype == dtype or x.dtype not in FLOATS:
            return x
        if x in self.weights:
            return self.weights[x]
        result = self.run([x], x.shape, elementwise_strides(x.shape, (x,)), dtype=dtype)
        if x.storage.role == "parameter" and x.contiguous:
            self.weights[x] = result
        return result

    # On each element.

    def elementwise(
        self,
        *inputs: Array,
        keeps: Sequence[Array] = (),
        keeps_output: bool = False,
        extras: Sequence[tuple[Shape, str]] = (),
        onto: Array | None = None,
        passes: bool = False,
    ) -> Array:
        """One operation on each element; smaller operands are stretched."""
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
        )

    def activation(self, traced: TracedOp, keeps: str = "input") -> tuple[Array, ...]:
        """An activation that keeps its input or its output; in place it can only keep its output."""
        x = traced.x
        from_output = keeps == "output" or traced.in_place
        onto = x if traced.in_place else None
        return (self.elementwise(x, keeps=[] if from_output else [x], keeps_output=from_output, onto=onto),)

    def add(self, *terms: Array) -> Array:
        """The terms added one after the other: nothing is kept."""
        total = terms[0]
        for term in terms[1:]:
            total = self.elementwise(total, term, passes=True)
        return total

    def multiply(self, *factors: Array) -> Array:
        """The factors multiplied one after the other; each keeps the other where a gradient flows to it."""
        total = factors[0]
        for factor in factors[1:]:
            kept = [*([factor] if total.needs_grad else []), *([total] if factor.needs_grad else [])]
            total = self.elementwise(total, factor, keeps=kept)
        return total

    def mean_square(self, *values: Array) -> Array:
        """A loss: the mean of the squares in float32, as one number."""
        exact = [self.to(x, "float32") for x in values]
        means = [self.run([self.elementwise(x, keeps=[x])], (), scratch=x.bytes) for x in exact]
        return self.add(*means)

    # Laid out anew.

    def view(self, x: Array, shape: Shape, strides: Shape) -> Array:
        """The same memory, read in another way."""
        return self.run([x], shape, strides, view_of=x)

    def split(self, x: Array, shapes: Sequence[Shape]) -> tuple[Array, ...]:
        """Views of stretches of an array, made at once: their gradients are joined."""
        pieces = tuple(Array(x.storage, shape, x.strides, x.dtype, x.needs_grad) for shape in shapes)
        self.entries.append(TapeEntry(self.op, (x,), pieces, (), False))
        return pieces

    def permute(self, x: Array, axes: Sequence[int]) -> Array:
        """A view with the axes in that order."""
        return self.view(x, tuple(x.shape[a] for a in axes), tuple(x.strides[a] for a in axes))

    def move(self, x: Array, source: int, target: int) -> Array:
        """A view with one axis at another place."""
        axes = [a for a in range(len(x.shape)) if a != source % len(x.shape)]
        axes.insert(target % len(x.shape), source % len(x.shape))
        return self.permute(x, axes)

    def reshape(self, x: Array, shape: Shape) -> Array:
        """A view of another shape, or a copy where there is none."""
        strides = viewed(x, shape)
        return self.run([x], shape, passes=True) if strides is None else self.view(x, shape, strides)

    def flatten(self, x: Array, first: int, last: int = -1) -> Array:
        """The axes first to last joined."""
        end = last % len(x.shape)
        if first == end:
            return x
        return self.reshape(x, (*x.shape[:first], prod(x.shape[first : end + 1]), *x.shape[end + 1 :]))

    def contiguous(self, x: Array) -> Array:
        """The array itself, or a copy in the order of its axes."""
        return x if x.contiguous else self.run([x], x.shape, passes=True)

    def fresh(
        self, traced: TracedOp, keeps: Sequence[Array] = (), extras: Sequence[tuple[Shape, str]] = (), name: str = ""
    ) -> Array:
        """A map of the op's output type, with the channels last in memory where the input's are; `name` is torch's."""
        x = self.cast(name, traced.x)
        tensors = self.tensors(name, traced)
        shape = self.shape_of(traced)
        strides = channels_last(shape) if prefers_channels_last(x) else None
        cast = {traced.x: x, **{traced.tensors[own]: tensor for own, tensor in tensors.items()}}
        kept = [cast.get(array, array) for array in keeps]
        return self.run([x, *tensors.values()], shape, strides, keeps=kept, extras=extras, dtype=x.dtype)

    def shape_of(self, traced: TracedOp, number: int = 0) -> Shape:
        """The shape of an output of the op, batch first."""
        return (traced.x.shape[0], *(int(size) for size in traced.outputs[number].shape if isinstance(size, int)))

    # Matrices.

    def linear(self, x: Array, weight: Array, bias: Array | None) -> Array:
        """x W^T + b over the last axis, on matrices: what cannot be read as one is copied, and the copy is kept."""
        x, weight = self.cast("linear", x), self.cast("linear", weight)
        bias = None if bias is None else self.cast("linear", bias)
        features = weight.shape[0]
        shape = (*x.shape[:-1], features)
        rows = x if len(x.shape) == 2 else self.reshape(x, (prod(x.shape[:-1]), x.shape[-1]))
        given = [rows, weight, *([bias] if bias is not None else [])]
        flat = self.run(given, (rows.shape[0], features), keeps=[rows, *([weight] if x.needs_grad else [])])
        return flat if len(x.shape) == 2 else self.view(flat, shape, row_major(shape))

    def batches(self, x: Array) -> Array:
        """[B, H, L, D] as B * H matrices."""
        return self.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))
