"""silu: x * sigmoid(x), also called swish."""

from __future__ import annotations

from math import inf

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class SiLU(Elementwise):
    """x * sigmoid(x) (Ramachandran et al. 2017)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    output_range = (-0.28, inf)  # its least value, at -1.28
    operations = 5

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
