"""slice: a stretch of one axis, or a single position of it."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, at_least
from archspec.ir.step_functions import IDENTITY, line
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, same_positions, windows_of
from archspec.ops._axes import AXIS_WORDS, resolve_axis, with_axis, without_axis
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Slice(Op):
    """`index` takes one position and drops the axis; start, stop and step take a stretch, as in Python.

    The axis is by default the length of tokens and the channels of anything else: `slice: 0` takes ViT's class
    token [C] from tokens [L, C], `slice: {start: 1}` all the others. What lies outside is an error, not cut off.
    """

    family = "reshaping"
    keeps_range = True

    index: int | None = attribute("int", None, main=True, nullable=True)
    start: int = attribute("int", 0)
    stop: int | None = attribute("int", None, nullable=True)
    step: int = attribute("int", 1, ge=1)
    axis: int | str = attribute("int", "auto", words=("auto", *AXIS_WORDS))

    def position(self, x: ValueType) -> int:
        """Return the axis of the sample that is sliced."""
        word = ("length" if x.kind == "tokens" else "channel") if self.axis == "auto" else self.axis
        return resolve_axis(self, word, x)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_numbers(self, x)
        axis = self.position(x)
        size = x.shape[axis]
        if self.index is not None:
            if self.start != 0 or self.stop is not None or self.step != 1:
                raise ShapeError("SPC002", "slice takes either index or start, stop and step", argument="index")
            message = f"index {self.index} is outside the {size} of axis {axis} of {x}"
            needed = self.index + 1 if self.index >= 0 else -self.index
            check(at_least(size, needed), ShapeError("SHP010", message, argument="index"))
            hint = f"write start: {self.index} with a stop to keep the axis"
            return (without_axis(self, x, axis, hint),)
        return (self._kept_grid(x, axis, with_axis(x, axis, self._length(size, x, axis, check))),)

    def _length(self, size: Dim, x: ValueType, axis: int, check: Check) -> Dim:
        # As in Python, a negative number counts from the end, also where the end is a free size.
        start: Dim = self.start if self.start >= 0 else size + self.start
        stop: Dim = size if self.stop is None else self.stop if self.stop >= 0 else size + self.stop
        text = f"{self.start}:{'' if self.stop is None else self.stop}"
        error = ShapeError("SHP010", f"{text} is empty or outside the {size} of axis {axis} of {x}", argument="start")
        check(at_least(size, stop), error)
        check(at_least(start, 0), error)
        check(at_least(stop - start, 1), error)
        # ceil((stop - start) / step), in the form that free sizes have.
        return (stop - start + (self.step - 1)) // self.step

    def _kept_grid(self, x: ValueType, axis: int, y: ValueType) -> ValueType:
        """Return the result with the grid of tokens that lose only prefix tokens at their start."""
        only_start = self.stop is None and self.step == 1
        if x.kind == "tokens" and axis == 0 and x.grid is not None and only_start and 0 <= self.start <= x.prefix:
            return replace(y, grid=x.grid, prefix=x.prefix - self.start)
        return y

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        x = inputs[0]
        axis = self.position(x)
        if x.kind != "map":
            # The result's type says whether the grid is whole; its sizes were checked when the spec was lowered.
            (y,) = self.infer(inputs, lambda condition, error: None)
            return same_positions(x) if y.grid is not None else None
        if axis == x.channel_axis:
            return same_positions(x) if self.index is None else None
        size = x.shape[axis]
        if self.index is not None or not isinstance(size, int):
            return None
        moved = line(self.step, self.start if self.start >= 0 else size + self.start)
        return windows_of([(moved, moved) if a == axis else (IDENTITY, IDENTITY) for a in x.spatial_axes])

    def mixes_channels(self, x: ValueType) -> bool:
        return True

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        (x,) = inputs
        axis = self.position(x)
        if self.index is not None:
            return None
        return tuple(Fraction(self.step if axis == a else 1) for a in x.spatial_axes)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        axis = self.position(traced.types[0]) + 1
        shape, strides = list(traced.x.shape), list(traced.x.strides)
        if self.index is not None:
            del shape[axis], strides[axis]
        else:
            shape[axis], strides[axis] = tape.shape_of(traced)[axis], strides[axis] * self.step
        return (tape.view(traced.x, tuple(shape), tuple(strides)),)
