"""Pooling over everything but the channels: what global_avg_pool and global_max_pool share."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.types import ValueType
from archspec.ir.windows import ALL_POSITIONS, ReadWindows


class GlobalPool(Op):
    """A map of any layout, or tokens, to a vector [C]."""

    family = "pooling"
    pooling = "global"
    keeps_range = True

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        if x.kind not in ("map", "tokens"):
            raise ShapeError("SHP010", f"{self.kind} needs a map or tokens, but gets {x.kind} [{x}]")
        return (ValueType.vector(x.shape[x.channel_axis]),)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return inputs[0].elements

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return ALL_POSITIONS

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return None
