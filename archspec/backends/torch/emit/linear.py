"""linear as nn.Linear."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.linear import Linear


def construct(site: Site) -> Construct:
    """nn.Linear; over the channels of a channels-first map a class that moves them last."""
    op, x = cast(Linear, site.op), site.inputs[0]
    last = x.channel_axis == len(x.shape) - 1
    target = "nn.Linear" if last else "modules.channel_linear.ChannelLinear"
    return Construct(target, (x.channels, op.features), keywords(bias=None if op.bias else False))


def functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """F.linear over the last axis, or over the channels of a channels-first map."""
    op, x = cast(Linear, site.op), site.inputs[0]
    weights = tensors["weight"] + (f", {tensors['bias']}" if op.bias else "")
    if x.channel_axis == len(x.shape) - 1:
        return f"F.linear({arguments[0]}, {weights})"
    return f"F.linear({arguments[0]}.movedim(1, -1), {weights}).movedim(-1, 1)"
