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
    """Construct nn.ConvNd; asymmetric padding needs a class that pads first."""
    op = cast("Conv", site.op)
    rank = len(site.inputs[0].spatial_axes)
    pairs, kernel, stride, dilation = op.geometry(rank)
    # torch's convolutions have one padding for both sides of an axis.
    symmetric = all(before == after for before, after in pairs)
    target = f"nn.Conv{rank}d" if symmetric else f"modules.padded_conv.PaddedConv{rank}d"
    padding = tuple(before for before, _ in pairs) if symmetric else pairs
    return Construct(
        target,
        (site.inputs[0].channels, op.channels, kernel),
        keywords(
            stride=stride if set(stride) != {1} else None,
            padding=padding if any(map(any, pairs)) else None,
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
    pairs, _, stride, dilation = op.geometry(rank)
    x, padding = arguments[0], tuple(before for before, _ in pairs)
    # As nn.Conv2d does for other modes: F.conv2d pads with zeros only, and on both sides alike.
    if op.padding_mode != "zeros" or any(before != after for before, after in pairs):
        # F.pad takes the amounts from the last axis to the first.
        flat = tuple(side for pair in reversed(pairs) for side in pair)
        mode = "constant" if op.padding_mode == "zeros" else op.padding_mode
        x, padding = f"F.pad({x}, {flat!r}, {mode!r})", (0,) * rank
    weights = f"{tensors['weight']}, {tensors.get('bias', 'None')}"
    return f"F.conv{rank}d({x}, {weights}, {stride}, {padding}, {dilation}, {op.groups})"


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
