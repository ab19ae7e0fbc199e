"""layer_norm: the features at each position normalised."""

from __future__ import annotations

from archspec.ir.op import Check, Op, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._axes import feature_axis
from archspec.ops._norm_tensors import norm_flops
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class LayerNorm(Op):
    """Features to mean 0 and variance 1 at each position, then scaled and shifted (Ba et al. 2016).

    Over the last axis; `axis: channel` works on the channels of a channels-first map too, as in ConvNeXt.
    """

    family = "normalisation"
    is_norm = True
    is_pointwise = True
    renamable_tensors = True

    eps: float = attribute("float", 1e-5, ge=0)
    affine: bool = attribute("bool", True)
    bias: bool = attribute("bool", True)
    axis: str = attribute("str", "last", choices=("last", "channel"))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        feature_axis(self, self.axis, inputs[0])
        return inputs

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        names = ("weight", "bias") if self.bias else ("weight",)
        return tuple(Tensor(name, (inputs[0].channels,)) for name in names) if self.affine else ()

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        return (inputs[0].shape[inputs[0].channel_axis],)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return norm_flops(outputs[0], statistics=True, affine=self.affine)

    def values_per_statistic(self, x: ValueType) -> int:
        return x.channels

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        # torch normalises over the last axes only: channels that come first are moved there and back.
        last = traced.types[0].channel_axis == len(traced.types[0].shape) - 1
        x = tape.cast("layer_norm", traced.x if last else tape.move(traced.x, 1, -1))
        rows = (*x.shape[:-1], 1)
        extras = [(rows, tape.statistics(traced))] * 2
        y = tape.run([x, *traced.tensors.values()], x.shape, keeps=[x], extras=extras, dtype=x.dtype)
        return (y if last else tape.move(y, -1, 1),)
