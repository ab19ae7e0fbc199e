"""space_to_depth: squares of pixels become channels."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import divisible
from archspec.ir.step_functions import line
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, spatial_rank, windows_of
from archspec.ops._requirements import require_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class SpaceToDepth(Op):
    """[C, H, W] to [C f^2, H / f, W / f], the inverse of depth_to_space."""

    family = "resampling"
    requires_channels_first = True

    factor: int = attribute("int", main=True, ge=1)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_map(self, x, ranks=(2,))
        message = f"factor {self.factor} does not divide the size of {x}"
        for size in x.spatial:
            error = ShapeError("SHP010", message, "pad first, or choose a divisor", "factor")
            check(divisible(size, self.factor), error)
        height, width = (size // self.factor for size in x.spatial)
        return (ValueType.map(x.channels * self.factor**2, height, width),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return windows_of([(line(self.factor), line(self.factor, self.factor - 1))] * spatial_rank(inputs[0]))

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return (Fraction(self.factor),) * 2

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.run([traced.x], tape.shape_of(traced)),)
