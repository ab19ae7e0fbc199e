"""depth_to_space: channels become squares of pixels (pixel shuffle)."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.step_functions import floor_of
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, spatial_rank, windows_of
from archspec.ops._requirements import require_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class DepthToSpace(Op):
    """[C, H, W] to [C / f^2, H f, W f] (Shi et al. 2016, sub-pixel convolution, equation 4)."""

    family = "resampling"
    upsamples = True
    requires_channels_first = True

    factor: int = attribute("int", main=True, ge=1)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_map(self, x, ranks=(2,))
        square = self.factor**2
        if x.channels % square:
            message = f"factor {self.factor} needs channels in multiples of {square}, not {x.channels}"
            raise ShapeError("CNV010", message, "give the layer before it a multiple of that", "factor")
        height, width = (size * self.factor for size in x.spatial)
        return (ValueType.map(x.channels // square, height, width),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return windows_of([(floor_of(1, 0, self.factor), floor_of(1, 0, self.factor))] * spatial_rank(inputs[0]))

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return (Fraction(1, self.factor),) * 2

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.run([traced.x], tape.shape_of(traced)),)
