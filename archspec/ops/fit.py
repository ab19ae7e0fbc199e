"""fit: a map cropped or padded to another map's size."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, Port, ShapeError
from archspec.ir.step_functions import line
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, windows_of
from archspec.ops._requirements import require_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Fit(Op):
    """[C, *S] to [C, *like's size]: centred, cropped where too large, padded with zeros where too small.

    The original U-Net crops so (Ronneberger et al. 2015, figure 1). Where the difference is odd, the far side gets
    the extra row of padding and the near side loses the extra row of a crop.
    """

    family = "resampling"
    requires_channels_first = True
    ports = (Port("x"), Port("like", shape_only=True))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        x, like = inputs
        if require_map(self, x) != require_map(self, like):
            raise ShapeError("SHP010", f"fit cannot give {x} the size of {like}: they have different axes")
        return (x.with_spatial(like.spatial),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        found = []
        for n, to in zip(inputs[0].spatial, inputs[1].spatial, strict=True):
            if not isinstance(n, int) or not isinstance(to, int):
                return None
            # Negative padding is a crop; // rounds down, so that the near side loses the extra row.
            moved = line(1, -((to - n) // 2))
            found.append((moved, moved))
        return windows_of(found)

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return (Fraction(1),) * len(inputs[port].spatial_axes) if port == 1 else None

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.fresh(traced),)
