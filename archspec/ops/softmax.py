"""softmax: values along one axis become positive and sum to one."""

from __future__ import annotations

from typing import ClassVar

from archspec.ir.op import Check
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ops._axes import AXIS_WORDS, require_numbers, resolve_axis
from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Softmax(Elementwise):
    """exp(x - max) / sum along an axis; the shape stays."""

    operations: ClassVar[int] = 5
    axis: int | str = attribute("int", "channel", main=True, words=AXIS_WORDS)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        resolve_axis(self, self.axis, inputs[0])
        return inputs

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.elementwise(tape.cast("softmax", traced.x), keeps_output=True),)
