"""mean: the mean along one axis."""

from __future__ import annotations

from archspec.ops._reduction import Reduce
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Mean(Reduce):
    """The mean along an axis (`global_avg_pool` takes it over all of space)."""

    keeps_range = True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.run([traced.x], tape.shape_of(traced)),)
