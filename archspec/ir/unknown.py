"""The op in the place of a layer that could not be lowered: what it would have done is unknown."""

from __future__ import annotations

from archspec.ir.op import Check, Op
from archspec.ir.types import UNKNOWN, ValueType


class UnknownOp(Op):
    """Any op at all: no trait of a known op can be read off it, and it may do all that any op may."""

    kind = "unknown"

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        return (UNKNOWN,)

    def mixes_channels(self, x: ValueType) -> bool:
        return True
