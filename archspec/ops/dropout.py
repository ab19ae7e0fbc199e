"""dropout: zeros elements or whole channels at random while training."""

from __future__ import annotations

from archspec.ir.op import Check
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ops._elementwise import Elementwise
from archspec.ops._requirements import require_map, require_numbers, require_probability
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Dropout(Elementwise):
    """Zeroes each element (or each channel of a map) with probability `rate`, scales the rest by 1 / (1 - rate).

    Srivastava et al. 2014; whole channels: Tompson et al. 2015. Nothing happens in eval mode.
    """

    family = "regularisation"
    is_passthrough = True
    scales_input = True
    training_only = True
    operations = 2

    rate: float = attribute("float", 0.5, main=True, ge=0)
    mode: str = attribute("str", "element", choices=("element", "channel"))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        require_probability(self.rate)
        if self.mode == "channel":
            require_map(self, inputs[0])
        return inputs

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        # torch returns the input then: no mask is made or saved.
        if self.rate == 0:
            return (traced.x,)
        x = traced.x
        noise = (*x.shape[:2], *(1 for _ in x.shape[2:])) if self.mode == "channel" else x.shape
        # A GPU's fused kernel saves its mask as booleans; the other forms multiply by noise of the input's dtype.
        kind = "bool" if tape.device == "gpu" and self.mode == "element" else x.dtype
        return (tape.elementwise(x, extras=[(noise, kind)]),)
