"""unflatten: a vector laid out as a map or as tokens."""

from __future__ import annotations

from math import prod

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import equal
from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Unflatten(Op):
    """A vector to tokens [L, C] (two numbers) or a map [C, *S] (three or four)."""

    family = "reshaping"
    keeps_range = True

    shape: tuple[int, ...] = attribute("shape", main=True, ge=1)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        if x.kind != "vector":
            raise ShapeError("SHP010", f"unflatten needs a vector, but gets {x.kind} [{x}]", "flatten it first")
        if not 2 <= len(self.shape) <= 4:
            message = f"shape takes 2 to 4 numbers, not {len(self.shape)}"
            raise ShapeError("SPC002", message, "[L, C], [C, H, W] or [C, D, H, W]", "shape")
        message = f"shape holds {prod(self.shape)} values, but the vector has {x.shape[0]}"
        check(equal(x.shape[0], prod(self.shape)), ShapeError("SHP010", message, argument="shape"))
        return (ValueType.tokens(*self.shape) if len(self.shape) == 2 else ValueType.map(*self.shape),)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.reshape(traced.x, tape.shape_of(traced)),)
