"""relu: negative values become zero."""

from __future__ import annotations

from math import inf

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ReLU(Elementwise):
    """max(x, 0)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    output_range = (0.0, inf)
    inplace_safe = True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced, keeps="output")
