"""split: a value cut into several along one axis."""

from __future__ import annotations

from itertools import repeat

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, divisible, equal
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, same_positions
from archspec.ops._axes import AXIS_WORDS, resolve_axis, with_axis
from archspec.ops._requirements import require_numbers
from archspec.source.limits import REPEAT
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Split(Op):
    """One value to a tuple of values: `parts` equal ones, or one for each of `sizes`."""

    family = "reshaping"
    keeps_range = True

    parts: int | None = attribute("int", None, main=True, ge=1, nullable=True)
    sizes: tuple[int, ...] | None = attribute("shape", None, ge=1, nullable=True)
    axis: int | str = attribute("int", "channel", words=AXIS_WORDS)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_numbers(self, x)
        axis = resolve_axis(self, self.axis, x)
        return tuple(with_axis(x, axis, size) for size in self._sizes(x.shape[axis], x, check))

    def _sizes(self, whole: Dim, x: ValueType, check: Check) -> tuple[Dim, ...]:
        count = self.parts or len(self.sizes or ())
        if count > REPEAT:
            message, argument = f"{count:,} parts; at most {REPEAT:,}", "sizes" if self.parts is None else "parts"
            raise ShapeError("LIM005", message, "work on the whole value, or reshape it with unflatten", argument)
        if self.parts is not None and self.sizes is None:
            message = f"{self.parts} parts do not divide the {whole} along {self.axis} of {x}"
            check(divisible(whole, self.parts), ShapeError("SHP010", message, "write the sizes", "parts"))
            # The check above makes the division exact, also on free sizes.
            return tuple(repeat(whole // self.parts, self.parts))
        if self.sizes and self.parts is None:
            message = f"sizes add up to {sum(self.sizes)}, not to the {whole} along {self.axis} of {x}"
            check(equal(whole, sum(self.sizes)), ShapeError("SHP010", message, argument="sizes"))
            return self.sizes
        raise ShapeError("SPC002", "split takes either parts or sizes", argument="parts")

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        # Along the channels it stays at its position.
        return same_positions(inputs[0]) if resolve_axis(self, self.axis, inputs[0]) == inputs[0].channel_axis else None

    def mixes_channels(self, x: ValueType) -> bool:
        return True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.split(traced.x, [tape.shape_of(traced, number) for number in range(len(traced.outputs))])
