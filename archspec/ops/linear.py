"""linear: an affine map of the features."""

from __future__ import annotations

from archspec.ir.op import Check, Op, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._axes import feature_axis, with_axis
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Linear(Op):
    """x W^T + b over the last axis of a vector, tokens or a channels-last map; over a map's channels on request."""

    family = "projections"
    is_weighted = True
    is_pointwise = True
    output_overwritable = True
    width_argument = "features"
    renamable_tensors = True

    features: int = attribute("int", main=True, ge=1, about="output features")
    bias: bool | str = attribute("bool", "auto", words=("auto",), about="auto: off before a batch or instance norm")
    axis: str = attribute("str", "last", choices=("last", "channel"))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        return (with_axis(x, feature_axis(self, self.axis, x), self.features),)

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        weight = Tensor("weight", (self.features, inputs[0].channels))
        return (weight, Tensor("bias", (self.features,))) if self.bias else (weight,)

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        return (inputs[0].shape[inputs[0].channel_axis],)

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements * inputs[0].channels

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements if self.bias else 0

    def mixes_channels(self, x: ValueType) -> bool:
        return True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        weight, bias = traced.tensors["weight"], traced.tensors.get("bias")
        if traced.types[0].channel_axis == len(traced.types[0].shape) - 1:
            return (tape.linear(traced.x, weight, bias),)
        # Channels first: moved to the last axis and back, both as views; the product copies what it reads.
        return (tape.move(tape.linear(tape.move(traced.x, 1, -1), weight, bias), -1, 1),)
