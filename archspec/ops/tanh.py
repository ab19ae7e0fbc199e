"""tanh: values squeezed into (-1, 1)."""

from __future__ import annotations

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Tanh(Elementwise):
    """The hyperbolic tangent."""

    family = "activations"
    is_activation = True
    output_range = (-1.0, 1.0)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced, keeps="output")
