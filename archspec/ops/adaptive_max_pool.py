"""adaptive_max_pool: maxima over windows that give a fixed size."""

from __future__ import annotations

from archspec.ops._adaptive_pooling import AdaptivePool
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class AdaptiveMaxPool(AdaptivePool):
    """[C, *S] to [C, *size] by maxima; the map stays a map, even at size 1."""

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        indices = (tape.shape_of(traced), "int64")
        function = f"adaptive_max_pool{len(traced.x.shape) - 2}d"
        return (tape.fresh(traced, keeps=[traced.x], extras=[indices], name=function),)
