"""channel_shuffle: channels distributed among groups, so that grouped convolutions exchange information."""

from __future__ import annotations

from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import divisible
from archspec.ir.types import ValueType
from archspec.ops._requirements import require_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ChannelShuffle(Op):
    """[C, *S] to the same shape: channel i of group g becomes channel i * groups + g (Zhang et al. 2017, figure 1)."""

    family = "reshaping"
    requires_channels_first = True
    is_pointwise = True

    groups: int = attribute("int", main=True, ge=1)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_map(self, x)
        message = f"groups = {self.groups} does not divide the {x.channels} channels of {x}"
        check(divisible(x.channels, self.groups), ShapeError("SHP010", message, "choose a divisor", "groups"))
        return (x,)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.run([traced.x], tape.shape_of(traced)),)
