"""sigmoid: values squeezed into (0, 1)."""

from __future__ import annotations

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x))."""

    family = "activations"
    is_activation = True
    output_range = (0.0, 1.0)
    operations = 4

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced, keeps="output")
