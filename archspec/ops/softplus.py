"""softplus: a smooth relu."""

from __future__ import annotations

from math import inf

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Softplus(Elementwise):
    """log(1 + exp(x))."""

    family = "activations"
    is_activation = True
    output_range = (0.0, inf)
    operations = 3

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        # Under autocast it runs on a copy in float32, which it then saves.
        if (x := tape.cast("softplus", traced.x)) is traced.x:
            return tape.activation(traced)
        return (tape.elementwise(x, keeps=[x]),)
