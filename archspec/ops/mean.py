"""mean: the mean along one axis."""

from __future__ import annotations

from archspec.ops._reduce import Reduce
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class Mean(Reduce):
    """The mean along an axis (`global_avg_pool` takes it over all of space)."""

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        return (tape.run([at.x], tape.shape_of(at)),)
