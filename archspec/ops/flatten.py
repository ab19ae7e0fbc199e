"""flatten: all axes joined into one."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ir.windows import ALL_POSITIONS, ReadWindows
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Flatten(Op):
    """Any shape to a vector of as many features, in memory order."""

    family = "reshaping"
    keeps_range = True

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        features: Dim = 1
        for size in inputs[0].shape:
            features = features * size
        return (ValueType.vector(features),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return ALL_POSITIONS

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return None

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.flatten(traced.x, 1),)
