"""drop_path: drops whole samples of a residual body at random while training (stochastic depth)."""

from __future__ import annotations

from archspec.ir.op import Check
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.ops._elementwise import Elementwise
from archspec.ops._requirements import require_numbers, require_probability
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class DropPath(Elementwise):
    """Zeroes each sample of the batch with probability `rate`, scales the rest by 1 / (1 - rate).

    Huang et al. 2016, "Deep Networks with Stochastic Depth"; mode `row` in torchvision. Nothing happens in eval mode.
    """

    family = "regularisation"
    is_passthrough = True
    scales_input = True
    training_only = True
    operations = 1

    rate: float = attribute("float", main=True, ge=0)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        require_probability(self.rate)
        return inputs

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        # The input itself, as from torchvision's stochastic_depth: nothing is saved.
        if self.rate == 0:
            return (traced.x,)
        return (tape.elementwise(traced.x, extras=[((traced.x.shape[0],), traced.x.dtype)]),)
