"""Reductions: a sum, mean or maximum over one axis."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ir.windows import ALL_POSITIONS, ReadWindows, same_positions, spatial_rank
from archspec.ops._axes import AXIS_WORDS, resolve_axis, with_axis, without_axis
from archspec.ops._requirements import require_numbers


class Reduce(Op):
    """A value without one axis, or with that axis at size 1 (`keep`)."""

    family = "reductions"

    axis: int | str = attribute("int", main=True, words=AXIS_WORDS)
    keep: bool = attribute("bool", False, about="keep the axis, with size 1")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_numbers(self, x)
        axis = resolve_axis(self, self.axis, x)
        if self.keep:
            return (with_axis(x, axis, 1),)
        return (without_axis(self, x, axis, "write keep: true to keep one channel"),)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return inputs[0].elements

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        x = inputs[0]
        # Over the channels each position reads itself alone; over space or length it reads all of the axis.
        if resolve_axis(self, self.axis, x) == x.channel_axis:
            return same_positions(x) if self.keep else None
        # With one spatial axis that is everything; with more the other axes stay, for which windows have no form.
        return ALL_POSITIONS if spatial_rank(x) == 1 else None

    def mixes_channels(self, x: ValueType) -> bool:
        return True

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        (x,) = inputs
        over_channels = self.keep and resolve_axis(self, self.axis, x) == x.channel_axis
        return (Fraction(1),) * len(x.spatial_axes) if over_channels else None
