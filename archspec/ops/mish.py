"""mish: x * tanh(softplus(x))."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Mish(Elementwise):
    """x * tanh(log(1 + exp(x))) (Misra 2019)."""

    operations: ClassVar[int] = 5

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
