"""sum: the sum along one axis."""

from __future__ import annotations

from archspec.ops._reduce import Reduce
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class Sum(Reduce):
    """The sum along an axis (several values are summed by `add`)."""

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        return (tape.run([at.x], tape.shape_of(at), dtype=tape.result("sum", at.x)),)
