"""prelu: negative values are scaled by a learned slope."""

from __future__ import annotations

from archspec.ir.op import Check, ShapeError, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._elementwise import Elementwise
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class PReLU(Elementwise):
    """x where x > 0, else weight * x, one slope or one for each channel (He et al. 2015, "Delving Deep")."""

    family = "activations"
    is_activation = True
    is_rectifier = True
    operations = 2

    shape: str = attribute("str", "scalar", main=True, choices=("scalar", "channel"), about="one slope, or one each")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_numbers(self, x)
        if self.shape == "channel" and x.channel_axis != 0:
            message = f"prelu with a slope for each channel needs the channels first, but gets [{x}]"
            raise ShapeError("SHP010", message, "use shape: scalar", "shape")
        return inputs

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return (Tensor("weight", (inputs[0].channels if self.shape == "channel" else 1,)),)

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        return (inputs[0].shape[0],) if self.shape == "channel" else ()

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        x = tape.cast("prelu", traced.x)
        weight = traced.per_channel(tape.cast("prelu", traced.tensors["weight"]))
        return (tape.elementwise(x, weight, keeps=[x, weight]),)
