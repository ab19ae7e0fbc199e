"""Convolutions, 1-D to 3-D by the rank of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.backends.torch.emit.registry import emits_functional, emits_module
from archspec.ir.axes import per_axis

if TYPE_CHECKING:
    from archspec.ops.conv import Conv
    from archspec.ops.conv_transpose import ConvTranspose

TRANSPOSE_DEFAULTS = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}


@emits_module("conv")
def conv(site: Site) -> Construct:
    """Construct nn.ConvNd; padding that is asymmetric or depends on the map's size needs a class that pads first."""
    op = cast("Conv", site.op)
    rank = len(site.inputs[0].spatial_axes)
    pairs, kernel, stride, dilation = op.geometry(site.inputs[0].spatial)
    by_size = op.pads_by_size(rank)
    # torch's convolutions have one padding for both sides of an axis.
    symmetric = all(before == after for before, after in pairs)
    target = f"nn.Conv{rank}d" if symmetric else f"modules.padded_conv.PaddedConv{rank}d"
    if by_size:
        target = f"modules.same_windows.SameConv{rank}d"
    padding = tuple(before for before, _ in pairs) if symmetric else pairs
    return Construct(
        target,
        (site.inputs[0].channels, op.channels, kernel),
        keywords(
            stride=stride if set(stride) != {1} else None,
            padding=padding if any(map(any, pairs)) and not by_size else None,
            dilation=dilation if set(dilation) != {1} else None,
            groups=op.groups if op.groups != 1 else None,
            bias=None if op.bias else False,
            padding_mode=op.padding_mode if op.padding_mode != "zeros" else None,
        ),
    )


@emits_functional("conv")
def conv_functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """Write F.convNd, after F.pad where the padding is not the same on both sides or not zeros."""
    op = cast("Conv", site.op)
    rank = len(site.inputs[0].spatial_axes)
    pairs, kernel, stride, dilation = op.geometry(site.inputs[0].spatial)
    x, padding = arguments[0], tuple(before for before, _ in pairs)
    weights = f"{tensors['weight']}, {tensors.get('bias', 'None')}"
    if op.pads_by_size(rank):
        padded = _padded_by_size(x, kernel, stride, dilation)
        return f"F.conv{rank}d({padded}, {weights}, {stride}, 0, {dilation}, {op.groups})"
    # As nn.Conv2d does for other modes: F.conv2d pads with zeros only, and on both sides alike.
    if op.padding_mode != "zeros" or any(before != after for before, after in pairs):
        # F.pad takes the amounts from the last axis to the first.
        flat = tuple(side for pair in reversed(pairs) for side in pair)
        mode = "constant" if op.padding_mode == "zeros" else op.padding_mode
        x, padding = f"F.pad({x}, {flat!r}, {mode!r})", (0,) * rank
    return f"F.conv{rank}d({x}, {weights}, {stride}, {padding}, {dilation}, {op.groups})"


def _padded_by_size(x: str, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> str:
    """Write what `modules.same_windows` computes, on the sizes of `x` when it runs."""
    amounts = []
    for axis, (k, s, d) in reversed([*enumerate(zip(kernel, stride, dilation, strict=True), 2)]):
        reach = d * (k - 1)
        needed = f"{reach} - ({x}.shape[{axis}] - 1) % {s}"
        if reach < s - 1:
            needed = f"({needed} + abs({needed})) // 2"  # max(needed, 0), which torch.jit.trace would fix
        amounts += [f"({needed}) // 2", f"({needed} + 1) // 2"]
    return f"F.pad({x}, ({', '.join(amounts)}))"


@emits_module("conv_transpose")
def conv_transpose(site: Site) -> Construct:
    """Construct nn.ConvTransposeNd."""
    op = cast("ConvTranspose", site.op)
    rank = len(site.inputs[0].spatial_axes)
    values = {name: per_axis(getattr(op, name), rank, name) for name in TRANSPOSE_DEFAULTS}
    options = keywords(
        **{name: axes if set(axes) != {TRANSPOSE_DEFAULTS[name]} else None for name, axes in values.items()},
        groups=op.groups if op.groups != 1 else None,
        bias=None if op.bias else False,
    )
    kernel = per_axis(op.kernel, rank, "kernel")
    return Construct(f"nn.ConvTranspose{rank}d", (site.inputs[0].channels, op.channels, kernel), options)
