"""identity: the value as it is."""

from __future__ import annotations

from archspec.ir.op import Check, Op
from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Identity(Op):
    """Any value to itself; gives a place a name."""

    family = "reshaping"
    is_pointwise = True
    keeps_range = True
    is_passthrough = True
    scales_input = True

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        return inputs

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (traced.x,)
