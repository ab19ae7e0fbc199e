"""global_max_pool: the largest value of each channel."""

from __future__ import annotations

from archspec.ops._global import GlobalPool
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class GlobalMaxPool(GlobalPool):
    """Maximum over space or length: [C, *S] or [L, C] to [C]."""

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        return (tape.run([at.x], tape.shape_of(at), keeps=[at.x], keeps_output=True),)
