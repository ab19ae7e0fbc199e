"""to_tokens: the positions of a map as a row of tokens."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, same_positions
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ToTokens(Op):
    """[C, *S] (or channels last) to [product of S, C]; the tokens remember S as their grid."""

    family = "reshaping"
    keeps_range = True

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        if x.kind != "map" or x.channel_axis not in (0, len(x.shape) - 1) or len(x.shape) < 2:
            message = f"to_tokens needs a map with the channels first or last, but gets {x.kind} [{x}]"
            raise ShapeError("SHP010", message)
        length: Dim = 1
        for size in x.spatial:
            length = length * size
        return (ValueType.tokens(length, x.shape[x.channel_axis], grid=x.spatial),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return same_positions(inputs[0])  # tokens keep their grid

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return None

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        if traced.types[0].channel_axis == 0:
            return (tape.move(tape.flatten(traced.x, 2), 1, 2),)
        return (tape.flatten(traced.x, 1, -2),)
