"""layer_norm as nn.LayerNorm."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.layer_norm import LayerNorm


def construct(site: Site) -> Construct:
    """nn.LayerNorm; over the channels of a channels-first map a class that moves them last."""
    op, x = cast(LayerNorm, site.op), site.inputs[0]
    last = x.channel_axis == len(x.shape) - 1
    options = keywords(
        eps=op.eps if op.eps != 1e-5 else None,
        elementwise_affine=None if op.affine else False,
        bias=None if op.bias else False,
    )
    target = "nn.LayerNorm" if last else "modules.channel_layer_norm.ChannelLayerNorm"
    return Construct(target, (x.channels,), options)


def functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """F.layer_norm over the last axis, or over the channels of a channels-first map."""
    op, x = cast(LayerNorm, site.op), site.inputs[0]
    weights = f"{tensors['weight']}, {tensors.get('bias', 'None')}, {op.eps!r}"
    if x.channel_axis == len(x.shape) - 1:
        return f"F.layer_norm({arguments[0]}, ({x.channels},), {weights})"
    return f"F.layer_norm({arguments[0]}.movedim(1, -1), ({x.channels},), {weights}).movedim(-1, 1)"
