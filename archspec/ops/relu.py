"""relu: negative values become zero."""

from __future__ import annotations

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ReLU(Elementwise):
    """max(x, 0)."""

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced, keeps="output")
