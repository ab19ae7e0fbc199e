"""max_pool: the largest value in each window."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.ir.axes import per_axis
from archspec.ir.parameters import attribute
from archspec.ir.windows import known_padding
from archspec.ops._window_pooling import Pool
from archspec.ops.pad import padded_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class MaxPool(Pool):
    """Maximum over a window: [C, *S] to [C, *S']; padding never wins."""

    dilation: int | tuple[int, ...] = attribute("axes", 1, ge=1)

    def dilations(self, rank: int) -> tuple[int, ...]:
        return per_axis(self.dilation, rank, "dilation")

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        indices = (tape.shape_of(traced), "int64")
        if self.even_padding(len(traced.x.shape) - 2) is None:
            # F.pad with -inf, a copy, on all maps alike.
            pairs, *_ = self.geometry(traced.x.shape[2:])
            traced = replace(traced, inputs=(padded_map(tape, traced.x, known_padding(pairs), "constant"),))
        return (tape.fresh(traced, keeps=[traced.x], extras=[indices], name=f"max_pool{len(traced.x.shape) - 2}d"),)
