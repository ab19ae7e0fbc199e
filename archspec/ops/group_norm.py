"""group_norm: groups of channels normalised in each sample."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.ir.op import Check, Op, ShapeError, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, divisible
from archspec.ir.types import ValueType
from archspec.ops._norm_tensors import affine_tensors, norm_flops
from archspec.ops._requirements import require_channels_first
from archspec.tracing.arrays import Array, prefers_channels_last
from archspec.tracing.tape import Tape, TracedOp


class GroupNorm(Op):
    """Each group of channels to mean 0 and variance 1 over the group and space (Wu & He 2018)."""

    family = "normalisation"
    is_norm = True
    requires_channels_first = True
    is_pointwise = True

    groups: int = attribute("int", main=True, ge=1)
    eps: float = attribute("float", 1e-5, ge=0)
    affine: bool = attribute("bool", True)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_channels_first(self, x)
        message = f"groups = {self.groups} does not divide the {x.shape[0]} channels"
        check(
            divisible(x.shape[0], self.groups),
            ShapeError("NRM004", message, "choose a divisor of the channels", "groups"),
        )
        return inputs

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return affine_tensors(inputs[0].channels) if self.affine else ()

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        return (inputs[0].shape[0],)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return norm_flops(outputs[0], statistics=True, affine=self.affine)

    def values_per_statistic(self, x: ValueType) -> int:
        return x.elements // self.groups

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        # Mean and inverse deviation, one for each group of each sample.
        rows = (traced.x.shape[0] * self.groups,)
        # torch's kernel takes both layouts as they are, and copies any other.
        x = traced.x if prefers_channels_last(traced.x) else tape.contiguous(traced.x)
        extras = [(rows, tape.statistics(traced))] * 2
        return (tape.fresh(replace(traced, inputs=(x,)), keeps=[x], extras=extras, name="group_norm"),)
