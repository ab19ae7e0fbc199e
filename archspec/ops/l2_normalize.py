"""l2_normalize: values along one axis divided by their Euclidean norm."""

from __future__ import annotations

from math import prod

from archspec.ir.op import Check
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, same_positions
from archspec.ops._axes import AXIS_WORDS, resolve_axis
from archspec.ops._elementwise import Elementwise
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import ITEM_BYTES, Array
from archspec.tracing.autocast import promoted
from archspec.tracing.tape import Tape, TracedOp


class L2Normalize(Elementwise):
    """x / max(|x|, eps) along an axis; the shape stays."""

    family = "normalisation"
    is_pointwise = False
    operations = 3

    axis: int | str = attribute("int", "channel", main=True, words=AXIS_WORDS)
    eps: float = attribute("float", 1e-12, ge=0)

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
        x, axis = traced.x, resolve_axis(self, self.axis, traced.types[0]) + 1
        lengths = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
        # F.normalize: a norm, its lower bound eps, a division. Their gradients have temporary arrays: that of the norm
        # x / norm and a mask, that of the bound a mask, that of the divisor x / bound and what that is divided by.
        kind = tape.result("linalg_vector_norm", x)
        norm = tape.run([x], lengths, keeps=[x], keeps_output=True, scratch=x.bytes + prod(lengths), dtype=kind)
        bounded = tape.run([norm], lengths, keeps=[norm], scratch=norm.elements)
        quotient = x.elements * ITEM_BYTES[promoted(x, bounded)]
        return (tape.elementwise(x, bounded, keeps=[x, bounded], scratch=2 * quotient),)
