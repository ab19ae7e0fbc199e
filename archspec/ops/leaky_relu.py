"""leaky_relu: negative values are scaled by a slope."""

from __future__ import annotations

from archspec.ir.parameters import attribute
from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class LeakyReLU(Elementwise):
    """x where x > 0, else slope * x (Maas et al. 2013)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    inplace_safe = True
    operations = 2

    slope: float = attribute("float", 0.01, main=True)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
