"""instance_norm: each channel of each sample normalised over space."""

from __future__ import annotations

from archspec.ir.op import Check, Op, ShapeError, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, at_least
from archspec.ir.types import ValueType
from archspec.ops._norm_tensors import affine_tensors, norm_flops, running_tensors
from archspec.ops._requirements import require_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class InstanceNorm(Op):
    """Each channel of a map to mean 0 and variance 1 over its own space (Ulyanov et al. 2016)."""

    family = "normalisation"
    is_norm = True
    subtracts_mean = True
    requires_channels_first = True
    is_pointwise = True

    eps: float = attribute("float", 1e-5, ge=0)
    momentum: float = attribute("float", 0.1)
    affine: bool = attribute("bool", False)
    track: bool = attribute("bool", False, about="keep running statistics")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_map(self, x)
        positions: Dim = 1
        for size in x.spatial:
            positions = positions * size
        message = f"instance_norm over a single position ({x}) has no variance"
        check(at_least(positions, 2), ShapeError("NRM007", message, "use layer_norm with axis: channel, or no norm"))
        return inputs

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        channels = inputs[0].channels
        found = affine_tensors(channels) if self.affine else ()
        return (*found, *running_tensors(channels)) if self.track else found

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return norm_flops(outputs[0], statistics=not self.track, affine=self.affine)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        # torch runs a batch norm on [1, B C, *S], for which it copies other layouts and repeats the weights B times.
        x = tape.contiguous(traced.x)
        rows = (x.shape[0] * x.shape[1],)
        # The counter of batches is no tensor of the norm's own function.
        repeated = {name: tape.run([tensor], rows) for name, tensor in traced.tensors.items() if tensor.shape}
        kind = "float32" if self.affine or tape.device == "gpu" else x.dtype
        # The bias alone is not needed for the gradient.
        kept = [x, *(tensor for name, tensor in repeated.items() if name != "bias")]
        return (tape.run([x, *repeated.values()], x.shape, keeps=kept, extras=[(rows, kind)] * 2, dtype=x.dtype),)
