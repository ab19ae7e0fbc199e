"""sigmoid: values squeezed into (0, 1)."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x))."""

    operations: ClassVar[int] = 4

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        return tape.activation(at, keeps="output")
