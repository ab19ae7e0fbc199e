"""adaptive_avg_pool: means over windows that give a fixed size."""

from __future__ import annotations

from archspec.ops._adaptive import AdaptivePool
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class AdaptiveAvgPool(AdaptivePool):
    """[C, *S] to [C, *size] by means; the map stays a map, even at size 1."""

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        single = all(size == 1 for size in at.outputs[0].spatial) and len(at.x.shape) > 3
        return (tape.fresh(at, keeps=[] if single else [at.x], name=f"adaptive_avg_pool{len(at.x.shape) - 2}d"),)
