"""multiply: values of one shape multiplied element by element."""

from __future__ import annotations

from archspec.ops._merge import Merge
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Multiply(Merge):
    """The product of the values (squeeze-excite: x * s with s [C, 1, 1] and broadcast: true; Hu et al. 2017)."""

    family = "merges"
    multiplies_inputs = True
    keeps_range = True  # of factors from 0 to 1, as those of gates are
    scales_input = True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.multiply(*self.stretched(tape, traced)),)
