"""hardsigmoid: a piecewise linear approximation of sigmoid."""

from __future__ import annotations

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Hardsigmoid(Elementwise):
    """relu6(x + 3) / 6 (Howard et al. 2019, MobileNetV3)."""

    family = "activations"
    is_activation = True
    output_range = (0.0, 1.0)
    operations = 4

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
