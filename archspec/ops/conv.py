"""conv: 1-D, 2-D or 3-D convolution, the rank taken from its input."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import prod

from msgspec.structs import replace

from archspec.ir.op import Check, Op, ShapeError, Tensor, per_axis, ratio, require_map, require_positive
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops.pad import check_padding_mode, padded_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Conv(Op):
    """Convolution over a channels-first map: [C, *S] to [channels, *S'], o = floor((n + 2p - d(k - 1) - 1) / s) + 1.

    Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", relationship 15.
    """

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

    def geometry(
        self, rank: int
    ) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Per axis: padding (before, after), kernel, stride, dilation."""
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
        weight = Tensor("weight", (self.channels, x.channels // self.groups, *kernel))
        return (weight, Tensor("bias", (self.channels,))) if self.bias else (weight,)

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        kernel = per_axis(self.kernel, len(inputs[0].spatial_axes), "kernel")
        return outputs[0].elements * (inputs[0].channels // self.groups) * prod(kernel)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements if self.bias else 0

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return tuple(ratio(s) for s in per_axis(self.stride, len(inputs[port].spatial_axes), "stride"))

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        rank = len(traced.x.shape) - 2
        pairs, *_ = self.geometry(rank)
        if self.padding_mode != "zeros" or any(before != after for before, after in pairs):
            traced = replace(traced, inputs=(padded_map(tape, traced.x, pairs, self.padding_mode),))
        return (tape.fresh(traced, keeps=[traced.x, traced.tensors["weight"]], name=f"conv{rank}d"),)


def require_groups(given: int, channels: int, groups: int) -> None:
    """Groups must divide both channel counts (CNV001); one group a channel wants a multiple of them (CNV002)."""
    if groups == given and channels % given:
        message = f"groups = {groups} takes each of the {given} channels alone; {channels} is no multiple of {given}"
        low, high = channels // given * given, (channels // given + 1) * given
        near = f"{low} or {high}" if low else str(high)
        raise ShapeError("CNV002", message, f"give it {near} channels; a 1x1 convolution mixes them", "groups")
    for what, number in (("input", given), ("output", channels)):
        if number % groups:
            message = f"groups = {groups} does not divide the {number} {what} channels"
            raise ShapeError("CNV001", message, "choose a divisor of both channel counts", "groups")


@lru_cache(maxsize=1024)
def resolve_padding(
    padding: int | tuple[int, ...] | str, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """(before, after) for each axis. `auto`: 0 where kernel equals stride, else what keeps a map's size at stride 1."""
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
                raise ShapeError("CNV004", f"padding: same needs stride 1, not {s}", "write the padding", "padding")
            pairs.append((reach // 2, reach - reach // 2))
        elif k == s:
            pairs.append((0, 0))
        elif reach % 2 == 0:
            pairs.append((reach // 2, reach // 2))
        else:
            message = f"padding: auto has no symmetric answer for kernel {k} with dilation {d} at stride {s}"
            raise ShapeError("CNV012", message, "write the padding, or use an odd kernel", "kernel")
    return tuple(pairs)
