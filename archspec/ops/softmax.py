"""softmax: values along one axis become positive and sum to one."""

from __future__ import annotations

from archspec.ir.op import Check
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, same_positions
from archspec.ops._axes import AXIS_WORDS, resolve_axis
from archspec.ops._elementwise import Elementwise
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Softmax(Elementwise):
    """exp(x - max) / sum along an axis; the shape stays."""

    family = "activations"
    is_pointwise = False
    output_range = (0.0, 1.0)
    operations = 5

    axis: int | str = attribute("int", "channel", main=True, words=AXIS_WORDS)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        resolve_axis(self, self.axis, inputs[0])
        return inputs

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        # Along the channels it stays at its position.
        return same_positions(inputs[0]) if resolve_axis(self, self.axis, inputs[0]) == inputs[0].channel_axis else None

    def mixes_channels(self, x: ValueType) -> bool:
        return True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.elementwise(tape.cast("softmax", traced.x), keeps_output=True),)
