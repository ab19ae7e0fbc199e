"""scale: a learned factor, one for each channel or one for all."""

from __future__ import annotations

from archspec.ir.op import Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Scale(Elementwise):
    """x * weight: LayerScale (Touvron et al. 2021, section 2), or ReZero's one number (Bachlechner et al. 2020).

    The weight is [C, 1, 1] on a map [C, H, W], [C] where the channels are last, [1] with `shape: scalar`.
    """

    family = "bare_tensors"
    scales_input = True
    bare = True

    value: float = attribute("float", 1.0, main=True, about="the factor at the start")
    shape: str = attribute("str", "channel", choices=("channel", "scalar"))

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        (x,) = inputs
        if self.shape == "scalar":
            return (Tensor("", (1,)),)
        # Trailing ones let the weight broadcast along the axes behind the channels.
        return (Tensor("", (x.channels, *(1 for _ in x.shape[x.channel_axis + 1 :]))),)

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        return (inputs[0].shape[inputs[0].channel_axis],) if self.shape == "channel" else ()

    @property
    def fill(self) -> tuple[str, float]:
        return ("constant", self.value)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.multiply(traced.x, traced.tensors[""]),)
