"""silu: x * sigmoid(x), also called swish."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class SiLU(Elementwise):
    """x * sigmoid(x) (Ramachandran et al. 2017)."""

    operations: ClassVar[int] = 5

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
