"""tanh: values squeezed into (-1, 1)."""

from __future__ import annotations

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class Tanh(Elementwise):
    """The hyperbolic tangent."""

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        return tape.activation(at, keeps="output")
