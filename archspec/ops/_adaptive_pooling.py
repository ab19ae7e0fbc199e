"""Pooling to a fixed size: what adaptive_avg_pool and adaptive_max_pool share."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.axes import per_axis
from archspec.ir.op import Check, Op
from archspec.ir.parameters import attribute
from archspec.ir.step_functions import floor_of
from archspec.ir.types import ValueType
from archspec.ir.windows import ALL_POSITIONS, ReadWindows, spatial_rank, windows_of
from archspec.ops._requirements import require_map


class AdaptivePool(Op):
    """Windows chosen so that a channels-first map of any size becomes [C, *size]."""

    family = "pooling"
    pooling = "adaptive"
    requires_channels_first = True
    keeps_range = True

    size: int | tuple[int, ...] = attribute("axes", main=True, ge=1)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        rank = require_map(self, inputs[0])
        return (inputs[0].with_spatial(per_axis(self.size, rank, "size")),)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return inputs[0].elements

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        x = inputs[0]
        sizes = per_axis(self.size, spatial_rank(x), "size")
        if all(size == 1 for size in sizes):
            return ALL_POSITIONS
        found = []
        for n, size in zip(x.spatial, sizes, strict=True):
            # The windows depend on the size of the map.
            if not isinstance(n, int):
                return None
            # As torch chooses them: from floor(p n / size) up to, but not including, ceil((p + 1) n / size).
            found.append((floor_of(n, 0, size), floor_of(n, n + size - 1, size).plus(-1)))
        return windows_of(found)

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return None
