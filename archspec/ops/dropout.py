"""dropout: zeros elements or whole channels at random while training."""

from __future__ import annotations

from typing import ClassVar

from archspec.ir.op import Check, ShapeError, require_map
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ops._axes import require_numbers
from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Dropout(Elementwise):
    """Zeroes each element (or each channel of a map) with probability `rate`, scales the rest by 1 / (1 - rate).

    Srivastava et al. 2014; whole channels: Tompson et al. 2015. Nothing happens in eval mode.
    """

    operations: ClassVar[int] = 2
    rate: float = attribute("float", 0.5, main=True, ge=0)
    mode: str = attribute("str", "element", choices=("element", "channel"))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        require_probability(self.rate)
        if self.mode == "channel":
            require_map(self, inputs[0])
        return inputs

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        if self.rate == 0:
            return (traced.x,)
        x = traced.x
        noise = (*x.shape[:2], *(1 for _ in x.shape[2:])) if self.mode == "channel" else x.shape
        kind = "bool" if tape.device == "gpu" and self.mode == "element" else x.dtype
        return (tape.elementwise(x, extras=[(noise, kind)]),)


def require_probability(rate: float) -> None:
    """A drop rate lies in [0, 1]."""
    if not 0 <= rate <= 1:
        raise ShapeError("SPC002", f"rate takes a number from 0 to 1, not {rate:g}", argument="rate")
