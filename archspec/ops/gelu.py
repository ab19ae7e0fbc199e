"""gelu: x weighted by the normal distribution function."""

from __future__ import annotations

from math import inf

from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class GELU(Elementwise):
    """x * Phi(x), exactly or by tanh (Hendrycks & Gimpel 2016, section 2)."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    output_range = (-0.1701, inf)  # its least value, at -0.75, of the approximation by tanh

    approximate: str = attribute("str", "none", main=True, choices=("none", "tanh"))

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return (9 if self.approximate == "tanh" else 5) * outputs[0].elements

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
