"""mish: x * tanh(softplus(x))."""

from __future__ import annotations

from math import inf

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Mish(Elementwise):
    """x * tanh(log(1 + exp(x))) (Misra 2019)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    output_range = (-0.31, inf)  # its least value, at -1.19
    operations = 5

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
