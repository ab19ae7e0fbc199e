"""conv: 1-D, 2-D or 3-D convolution, the rank taken from its input."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import prod

from msgspec.structs import replace

from archspec.ir.axes import per_axis, ratio
from archspec.ir.op import Check, Op, ShapeError, Tensor, WorkKind
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, cyclic
from archspec.ir.types import ValueType, positions
from archspec.ir.windows import Padding, ReadWindows, WindowGeometry, known_padding, sliding_windows
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

    def pads_by_size(self, rank: int) -> bool:
        """Return whether the padding depends on the map's sizes: `same` with a stride, as TensorFlow has it."""
        if self.padding != "same":
            return False
        axes = zip(per_axis(self.kernel, rank, "kernel"), per_axis(self.stride, rank, "stride"), strict=True)
        return any(same_depends_on_size(kernel, stride) for kernel, stride in axes)

    def geometry(self, sizes: tuple[Dim, ...]) -> WindowGeometry:
        rank = len(sizes)
        kernel = per_axis(self.kernel, rank, "kernel")
        stride = per_axis(self.stride, rank, "stride")
        dilation = per_axis(self.dilation, rank, "dilation")
        if self.pads_by_size(rank):
            pairs = tuple(same_padding(*axis) for axis in zip(sizes, kernel, stride, dilation, strict=True))
            return pairs, kernel, stride, dilation
        return resolve_padding(self.padding, kernel, stride, dilation), kernel, stride, dilation

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        rank = require_map(self, x)
        require_groups(x.channels, self.channels, self.groups)
        padding, kernel, stride, dilation = self.geometry(x.spatial)
        if self.padding_mode != "zeros":
            if self.pads_by_size(rank):
                message = f"padding: same with a stride pads with zeros, not by padding_mode: {self.padding_mode}"
                raise ShapeError("CNV004", message, "leave padding_mode out, or write the padding", "padding")
            for n, pair in zip(x.spatial, known_padding(padding), strict=True):
                check_padding_mode(self.padding_mode, n, pair, check)
        spatial: list[Dim] = []
        for n, p, k, s, d in zip(x.spatial, padding, kernel, stride, dilation, strict=True):
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
        return sliding_windows(self.geometry(inputs[0].spatial))

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
        pairs = known_padding(self.geometry(traced.x.shape[2:])[0])
        # The kernels of convolutions pad with zeros, equally on both sides; anything else is F.pad before them, a copy.
        unequal = self.pads_by_size(rank) or any(before != after for before, after in pairs)
        if self.padding_mode != "zeros" or unequal:
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
) -> Padding:
    """Return (before, after) for each axis; `same` is that of stride 1.

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


def same_depends_on_size(kernel: int, stride: int) -> bool:
    """Return whether `padding: same` along one axis depends on how far the size is from a multiple of the stride."""
    return kernel != 1 and stride != 1


def same_padding(size: Dim, kernel: int, stride: int, dilation: int) -> tuple[Dim, Dim]:
    """Return TensorFlow's `SAME` along one axis: what ceil(size / stride) windows need, the smaller half before.

    https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
    """
    # The last window starts at the last multiple of the stride, (size - 1) % stride positions before the last one.
    rests = ((size - 1) % stride for size in range(stride))
    needed = tuple(max(dilation * (kernel - 1) - rest, 0) for rest in rests)
    before = tuple(amount // 2 for amount in needed)
    return cyclic(size, before), cyclic(size, tuple(a - b for a, b in zip(needed, before, strict=True)))
