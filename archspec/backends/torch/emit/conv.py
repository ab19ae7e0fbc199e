"""conv as nn.Conv1d, Conv2d or Conv3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.conv import Conv


def construct(site: Site) -> Construct:
    """nn.ConvNd; asymmetric padding needs a class that pads first."""
    op = cast(Conv, site.op)
    rank = len(site.inputs[0].spatial_axes)
    pairs, kernel, stride, dilation = op.geometry(rank)
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


def functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """F.convNd, after F.pad where the padding is not the same on both sides or not zeros."""
    op = cast(Conv, site.op)
    rank = len(site.inputs[0].spatial_axes)
    pairs, _, stride, dilation = op.geometry(rank)
    x, padding = arguments[0], tuple(before for before, _ in pairs)
    if op.padding_mode != "zeros" or any(before != after for before, after in pairs):
        flat = tuple(side for pair in reversed(pairs) for side in pair)
        mode = "constant" if op.padding_mode == "zeros" else op.padding_mode
        x, padding = f"F.pad({x}, {flat!r}, {mode!r})", (0,) * rank
    weights = f"{tensors['weight']}, {tensors.get('bias', 'None')}"
    return f"F.conv{rank}d({x}, {weights}, {stride}, {padding}, {dilation}, {op.groups})"
