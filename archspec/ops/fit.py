"""fit: a map cropped or padded to another map's size."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from archspec.ir.op import Check, Op, Port, ShapeError, require_map
from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Fit(Op):
    """[C, *S] to [C, *like's size]: centred, cropped where too large, padded with zeros where too small.

    The original U-Net crops so (Ronneberger et al. 2015, figure 1). Where the difference is odd, the far side gets
    the extra row of padding and the near side loses the extra row of a crop.
    """

    ports: ClassVar[tuple[Port, ...]] = (Port("x"), Port("like"))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        x, like = inputs
        if require_map(self, x) != require_map(self, like):
            raise ShapeError("SHP010", f"fit cannot give {x} the size of {like}: they have different axes")
        return (x.with_spatial(like.spatial),)

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return (Fraction(1),) * len(inputs[port].spatial_axes) if port == 1 else None

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.fresh(traced),)
