"""relu6: values clamped to [0, 6]."""

from __future__ import annotations

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ReLU6(Elementwise):
    """min(max(x, 0), 6) (Howard et al. 2017, MobileNets)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    output_range = (0.0, 6.0)
    operations = 2

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
