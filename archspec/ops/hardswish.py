"""hardswish: a piecewise approximation of silu."""

from __future__ import annotations

from math import inf

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Hardswish(Elementwise):
    """x * relu6(x + 3) / 6 (Howard et al. 2019, MobileNetV3, section 5.2)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    output_range = (-0.375, inf)  # its least value, at -1.5
    operations = 5

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
