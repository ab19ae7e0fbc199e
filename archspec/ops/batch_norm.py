"""batch_norm: each channel normalised over the batch and the map."""

from __future__ import annotations

from archspec.ir.op import Check, Op, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._norm_tensors import affine_tensors, norm_flops, running_tensors
from archspec.ops._requirements import require_channels_first
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class BatchNorm(Op):
    """Channels to mean 0 and variance 1 over batch and space, then scaled and shifted (Ioffe & Szegedy 2015)."""

    family = "normalisation"
    is_norm = True
    subtracts_mean = True
    requires_channels_first = True
    is_pointwise = True
    output_overwritable = True

    eps: float = attribute("float", 1e-5, ge=0)
    momentum: float | None = attribute("float", 0.1, nullable=True, about="null: a cumulative average")
    affine: bool = attribute("bool", True)
    track: bool = attribute("bool", True, about="keep running statistics")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_channels_first(self, inputs[0])
        return inputs

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        channels = inputs[0].channels
        found = affine_tensors(channels) if self.affine else ()
        return (*found, *running_tensors(channels)) if self.track else found

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        return (inputs[0].shape[0],)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        # In eval mode, which costs are for, a norm that tracks statistics computes none.
        return norm_flops(outputs[0], statistics=not self.track, affine=self.affine)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        # Saved for the gradient: the input, and mean and inverse deviation of each channel.
        channels = (traced.x.shape[1],)
        return (tape.fresh(traced, keeps=[traced.x], extras=[(channels, tape.statistics(traced))] * 2),)
