"""adaptive_max_pool: maxima over windows that give a fixed size."""

from __future__ import annotations

from archspec.ops._adaptive import AdaptivePool
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class AdaptiveMaxPool(AdaptivePool):
    """[C, *S] to [C, *size] by maxima; the map stays a map, even at size 1."""

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        indices = (tape.shape_of(at), "int64")
        return (tape.fresh(at, keeps=[at.x], extras=[indices], name=f"adaptive_max_pool{len(at.x.shape) - 2}d"),)
