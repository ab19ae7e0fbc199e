"""conv_transpose: 1-D, 2-D or 3-D transposed convolution, the rank taken from its input."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from archspec.ir.axes import per_axis
from archspec.ir.op import Check, Op, ShapeError, Tensor, WorkKind
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.step_functions import ceil_of, floor_of
from archspec.ir.types import ValueType, positions
from archspec.ir.windows import ReadWindows, spatial_rank, windows_of
from archspec.ops._requirements import require_groups, require_map, require_positive
from archspec.ops.conv import convolution_work
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ConvTranspose(Op):
    """Transposed convolution: [C, *S] to [channels, *S'], o = (n - 1) s - 2p + d (k - 1) + output_padding + 1.

    Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", relationship 14.
    """

    family = "convolution"
    is_convolution = True
    is_weighted = True
    upsamples = True
    requires_channels_first = True
    output_overwritable = True
    width_argument = "channels"

    channels: int = attribute("int", main=True, ge=1, about="output channels")
    kernel: int | tuple[int, ...] = attribute("axes", 2, ge=1)
    stride: int | tuple[int, ...] = attribute("axes", 1, ge=1)
    padding: int | tuple[int, ...] = attribute("axes", 0, ge=0)
    output_padding: int | tuple[int, ...] = attribute("axes", 0, ge=0)
    dilation: int | tuple[int, ...] = attribute("axes", 1, ge=1)
    groups: int = attribute("int", 1, ge=1)
    bias: bool | str = attribute("bool", "auto", words=("auto",), about="auto: off before a batch or instance norm")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        rank = require_map(self, x)
        require_groups(x.channels, self.channels, self.groups)
        names = ("kernel", "stride", "padding", "output_padding", "dilation")
        axes = (per_axis(getattr(self, name), rank, name) for name in names)
        spatial: list[Dim] = []
        for n, k, s, p, extra, d in zip(x.spatial, *axes, strict=True):
            # torch's condition: it chooses among the sizes that a convolution of this stride maps to one.
            if extra >= max(s, d):
                message = f"output_padding {extra} must be smaller than the stride {s} or the dilation {d}"
                raise ShapeError("CNV009", message, "use a smaller output_padding", "output_padding")
            spatial.append((n - 1) * s - 2 * p + d * (k - 1) + extra + 1)
        require_positive(self, tuple(spatial), x, check)
        return (ValueType.map(self.channels, *spatial),)

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        (x,) = inputs
        kernel = per_axis(self.kernel, len(x.spatial_axes), "kernel")
        # torch's layout: input channels first, the reverse of a convolution's.
        weight = Tensor("weight", (x.channels, self.channels // self.groups, *kernel))
        return (weight, Tensor("bias", (self.channels,))) if self.bias else (weight,)

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        kernel = per_axis(self.kernel, len(inputs[0].spatial_axes), "kernel")
        # Every input element is multiplied with the whole kernel, also where the products fall into the padding.
        return inputs[0].elements * (self.channels // self.groups) * prod(kernel)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements if self.bias else 0

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return tuple(Fraction(1, s) for s in per_axis(self.stride, len(inputs[port].spatial_axes), "stride"))

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        """Return the positions whose kernel, laid down at every stride, reaches p; a bound where it has holes there."""
        rank = spatial_rank(inputs[0])
        names = ("kernel", "stride", "padding", "dilation")
        found, exact = [], True
        for kernel, stride, padding, dilation in zip(
            *(per_axis(getattr(self, n), rank, n) for n in names), strict=True
        ):
            reach = dilation * (kernel - 1)
            first, last = ceil_of(1, padding - reach, stride), floor_of(1, padding, stride)
            if reach + 1 < stride:  # some positions read nothing: a window must not end before it begins
                first = floor_of(1, padding - reach, stride)
            exact = exact and stride <= reach + 1 and (dilation == 1 or stride == 1)
            found.append((first, last))
        return windows_of(found, exact)

    def weight_groups(self, x: ValueType) -> int:
        return self.groups

    def mixes_channels(self, x: ValueType) -> bool:
        return not self.is_depthwise(x)

    def weight_uses(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        # The kernel is laid down once for each position of the input, not of the output.
        return positions(inputs[0])

    def work_kind(self, x: ValueType) -> WorkKind:
        return convolution_work(self.groups, per_axis(self.kernel, len(x.spatial_axes), "kernel"), x)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        name = f"conv_transpose{len(traced.x.shape) - 2}d"
        return (tape.fresh(traced, keeps=[traced.x, traced.tensors["weight"]], name=name),)
