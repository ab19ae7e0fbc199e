"""global_avg_pool: the mean of each channel."""

from __future__ import annotations

from archspec.ops._global_pooling import GlobalPool
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class GlobalAvgPool(GlobalPool):
    """Mean over space or length: [C, *S] or [L, C] to [C] (Lin et al. 2013, section 3.2)."""

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.run([traced.x], tape.shape_of(traced)),)
