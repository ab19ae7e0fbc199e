"""elu: negative values approach -alpha smoothly."""

from __future__ import annotations

from archspec.ir.parameters import attribute
from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ELU(Elementwise):
    """x where x > 0, else alpha * (exp(x) - 1) (Clevert et al. 2015)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    inplace_safe = True
    operations = 4

    alpha: float = attribute("float", 1.0, main=True)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
