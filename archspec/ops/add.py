"""add: values of one shape summed element by element."""

from __future__ import annotations

from archspec.ops._merge import Merge
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Add(Merge):
    """The sum of the values (He et al. 2015: F(x) + x)."""

    family = "merges"
    output_overwritable = True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.add(*self.stretched(tape, traced)),)
