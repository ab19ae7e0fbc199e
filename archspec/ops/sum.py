"""sum: the sum along one axis."""

from __future__ import annotations

from archspec.ops._reduction import Reduce
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Sum(Reduce):
    """The sum along an axis (several values are summed by `add`)."""

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.run([traced.x], tape.shape_of(traced), expands=True, dtype=tape.result("sum", traced.x)),)
