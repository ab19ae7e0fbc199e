"""Pooling to a fixed size: what adaptive_avg_pool and adaptive_max_pool share."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, per_axis, require_map
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType


class AdaptivePool(Op):
    """Windows chosen so that a channels-first map of any size becomes [C, *size]."""

    size: int | tuple[int, ...] = attribute("axes", main=True, ge=1)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        rank = require_map(self, inputs[0])
        return (inputs[0].with_spatial(per_axis(self.size, rank, "size")),)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return inputs[0].elements

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return None
