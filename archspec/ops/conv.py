"""conv: 1-D, 2-D or 3-D convolution, the rank taken from its input."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import prod

from msgspec.structs import replace

from archspec.ir.axes import per_axis, ratio
from archspec.ir.op import Check, Op, ShapeError, Tensor, WorkKind
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType, positions
from archspec.ir.windows import ReadWindows, WindowGeometry, sliding_windows, spatial_rank
from archspec.ops._requirements import require_groups, require_map, require_positive
from archspec.ops.pad import check_padding_mode, padded_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Conv(Op):
    """Convolution over a channels-first map: [C, *S] to [channels, *S'], o = floor((n + 2p - d(k - 1) - 1) / s) + 1.

    Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", relationship 15.
    """

    family = "convolution"
    is_convolution = True
    is_weighted = True
    has_window = True
    requires_channels_first = True
    output_overwritable = True
    width_argument = "channels"
    renamable_tensors = True

    channels: int = attribute("int", main=True, ge=1, about="output channels")
    kernel: int | tuple[int, ...] = attribute("axes", 3, ge=1)
    stride: int | tuple[int, ...] = attribute("axes", 1, ge=1)
    padding: int | tuple[int, ...] | str = attribute("axes", "auto", ge=0, words=("auto", "same", "causal"))
    dilation: int | tuple[int, ...] = attribute("axes", 1, ge=1)
    groups: int = attribute("int", 1, ge=1)
    bias: bool | str = attribute(
        "bool", "auto", words=("auto",), about="auto: off just before a batch or instance norm"
    )
    padding_mode: str = attribute("str", "zeros", choices=("zeros", "reflect", "replicate", "circular"))

    def geometry(self, rank: int) -> WindowGeometry:
        kernel = per_axis(self.kernel, rank, "kernel")
        stride = per_axis(self.stride, rank, "stride")
        dilation = per_axis(self.dilation, rank, "dilation")
        return resolve_padding(self.padding, kernel, stride, dilation), kernel, stride, dilation

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        rank = require_map(self, x)
        require_groups(x.channels, self.channels, self.groups)
        padding, kernel, stride, dilation = self.geometry(rank)
        spatial: list[Dim] = []
        for n, p, k, s, d in zip(x.spatial, padding, kernel, stride, dilation, strict=True):
            check_padding_mode(self.padding_mode, n, p, check)
            spatial.append((n + (p[0] + p[1] - d * (k - 1) - 1)) // s + 1)
        require_positive(self, tuple(spatial), x, check)
        return (ValueType.map(self.channels, *spatial),)

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        (x,) = inputs
        kernel = per_axis(self.kernel, len(x.spatial_axes), "kernel")
        # torch's layout: each output channel reads the input channels of its own group.
        weight = Tensor("weight", (self.channels, x.channels // self.groups, *kernel))
        return (weight, Tensor("bias", (self.channels,))) if self.bias else (weight,)

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        kernel = per_axis(self.kernel, len(inputs[0].spatial_axes), "kernel")
        return outputs[0].elements * (inputs[0].channels // self.groups) * prod(kernel)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements if self.bias else 0

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return tuple(ratio(s) for s in per_axis(self.stride, len(inputs[port].spatial_axes), "stride"))

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return sliding_windows(self.geometry(spatial_rank(inputs[0])))

    def weight_groups(self, x: ValueType) -> int:
        return self.groups

    def mixes_channels(self, x: ValueType) -> bool:
        return not self.is_depthwise(x)

    def weight_uses(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return positions(outputs[0])

    def work_kind(self, x: ValueType) -> WorkKind:
        return convolution_work(self.groups, per_axis(self.kernel, len(x.spatial_axes), "kernel"), x)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        rank = len(traced.x.shape) - 2
        pairs, *_ = self.geometry(rank)
        # The kernels of convolutions pad with zeros, equally on both sides; anything else is F.pad before them, a copy.
        if self.padding_mode != "zeros" or any(before != after for before, after in pairs):
            traced = replace(traced, inputs=(padded_map(tape, traced.x, pairs, self.padding_mode),))
        return (tape.fresh(traced, keeps=[traced.x, traced.tensors["weight"]], name=f"conv{rank}d"),)


def convolution_work(groups: int, kernel: tuple[int, ...], x: ValueType) -> WorkKind:
    """Return the kind of a convolution's MACs: libraries have kernels of their own for these four."""
    if groups > 1:
        return "depthwise" if groups == x.channels else "grouped"
    return "pointwise" if set(kernel) == {1} else "convolution"


@lru_cache(maxsize=1024)
def resolve_padding(
    padding: int | tuple[int, ...] | str, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """Return (before, after) for each axis.

    `auto` is 0 where kernel equals stride (patches), else what keeps a map's size at stride 1. Cached: few geometries
    occur in a network, and every layer needs one several times.
    """
    pairs = []
    words = padding if isinstance(padding, str) else None
    numbers = (0,) * len(kernel) if isinstance(padding, str) else per_axis(padding, len(kernel), "padding")
    for p, k, s, d in zip(numbers, kernel, stride, dilation, strict=True):
        reach = d * (k - 1)
        if words is None:
            pairs.append((p, p))
        elif words == "causal":
            pairs.append((reach, 0))
        elif words == "same":
            if s != 1:
                hint = (
                    "write the padding; TensorFlow's depends on the map's size: `pad` by it first, with padding: 0 here"
                )
                raise ShapeError("CNV004", f"padding: same needs stride 1, not {s}", hint, "padding")
            # An odd rest goes to the far side, as in torch.
            pairs.append((reach // 2, reach - reach // 2))
        elif k == s:
            # Patches: windows that neither overlap nor leave gaps need no padding.
            pairs.append((0, 0))
        elif reach % 2 == 0:
            pairs.append((reach // 2, reach // 2))
        else:
            message = f"padding: auto has no symmetric answer for kernel {k} with dilation {d} at stride {s}"
            raise ShapeError("CNV012", message, "write the padding, or use an odd kernel", "kernel")
    return tuple(pairs)
