"""Values joined element by element: what add and multiply share."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from archspec.ir.op import ONE, Check, Op, Port, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, equal
from archspec.ir.types import ValueType
from archspec.ops._requirements import require_numbers, require_values
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Merge(Op):
    """Values of one shape to that shape; with `broadcast`, axes of 1 stretch and a vector [C] meets channels."""

    is_merge = True
    ports = (Port("values", variadic=True),)
    broadcast: bool = attribute("bool", False, about="let axes of 1 stretch, and a vector join a map on channels")

    @property
    def broadcasts(self) -> bool:
        return self.broadcast

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_values(self, inputs)
        widest = self.widest(inputs)
        for x in inputs:
            require_numbers(self, x)
            if not self._joins(x, widest):
                raise self._mismatch(widest, x)
        shape = list(widest.shape)
        for axis in range(len(shape)):
            shape[axis] = self._size(inputs, widest, axis, check)
        return (replace(tokens_of(inputs, widest), shape=tuple(shape)),)

    def widest(self, inputs: tuple[ValueType, ...]) -> ValueType:
        """Return the first of the values with the most axes."""
        return max(inputs, key=lambda x: len(x.shape))

    def _joins(self, x: ValueType, widest: ValueType) -> bool:
        if len(x.shape) == len(widest.shape):
            return x.channel_axis == widest.channel_axis
        return self.broadcast and x.kind == "vector"

    def _size(self, inputs: tuple[ValueType, ...], widest: ValueType, axis: int, check: Check) -> Dim:
        """Return the size along one axis; require all values that have the axis to agree on it."""
        sizes: list[tuple[ValueType, Dim]] = []
        for x in inputs:
            if len(x.shape) == len(widest.shape):
                sizes.append((x, x.shape[axis]))
            elif axis == widest.channel_axis:
                sizes.append((x, x.shape[0]))
        stretched = [pair for pair in sizes if pair[1] != 1] if self.broadcast else sizes
        if not stretched:
            return 1
        first, size = stretched[0]
        # On free sizes the check becomes a condition, so that axes of two inputs may be required to be equal.
        for other, its in stretched[1:]:
            if its != size:  # the message costs more than the comparison
                check(equal(size, its), self._mismatch(first, other))
        return size

    def _mismatch(self, a: ValueType, b: ValueType) -> ShapeError:
        """Return the error: SHP009 where PyTorch would broadcast silently, SHP001 where it would fail."""
        message = f"{self.kind} needs equal shapes, but gets {a} and {b}"
        if a.channel_axis == b.channel_axis and _would_broadcast(a, b):
            hint = "write broadcast: true if this is meant"
            return ShapeError("SHP009", f"{message}, which PyTorch would broadcast silently", hint)
        if "vector" in (a.kind, b.kind) and a.channels == b.channels:
            return ShapeError("SHP009", message, "write broadcast: true to join a vector on channels")
        return ShapeError("SHP001", message, "make them equal with a projection, resize or fit")

    def stretched(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        """Return the input arrays, a vector among maps with the axes that it lacks."""
        widest = self.widest(traced.types)
        found = []
        for x in traced.present_inputs:
            if len(x.shape) <= len(widest.shape):
                # A vector [B, C] is viewed as [B, C, 1, 1], its channels where those of the map are.
                axes = [axis == widest.channel_axis for axis in range(len(widest.shape))]
                shape = (x.shape[0], *(x.shape[1] if channels else 1 for channels in axes))
                x = tape.view(x, shape, (x.strides[0], *(x.strides[1] if channels else 0 for channels in axes)))
            found.append(x)
        return tuple(found)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements * (len(inputs) - 1)

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        x, widest = inputs[port], self.widest(inputs)
        if len(x.shape) != len(widest.shape):
            return None
        pairs = zip(x.spatial, *(y.spatial for y in inputs if len(y.shape) == len(x.shape)), strict=True)
        stretched = any(mine == 1 and any(size != 1 for size in sizes) for mine, *sizes in pairs)
        # A stretched axis takes its size from another input.
        return None if stretched else (ONE,) * len(x.spatial_axes)


def _would_broadcast(a: ValueType, b: ValueType) -> bool:
    """Return whether PyTorch would broadcast two shapes of equal rank."""
    if len(a.shape) != len(b.shape):
        return False
    different = [pair for pair in zip(a.shape, b.shape, strict=True) if pair[0] != pair[1]]
    return bool(different) and all(1 in pair for pair in different)


def tokens_of(inputs: tuple[ValueType, ...], widest: ValueType) -> ValueType:
    """Return the type that a merge keeps: of tokens, the first with a grid."""
    same = (x for x in inputs if x.kind == widest.kind == "tokens" and x.grid is not None)
    return next(same, widest)
