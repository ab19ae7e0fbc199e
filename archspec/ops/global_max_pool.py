"""global_max_pool: the largest value of each channel."""

from __future__ import annotations

from archspec.ops._global_pooling import GlobalPool
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class GlobalMaxPool(GlobalPool):
    """Maximum over space or length: [C, *S] or [L, C] to [C]."""

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.maximum(traced.x, tape.shape_of(traced)),)
