"""rms_norm as nn.RMSNorm."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.rms_norm import RMSNorm


def construct(site: Site) -> Construct:
    """nn.RMSNorm; over the channels of a channels-first map a class that moves them last."""
    op, x = cast(RMSNorm, site.op), site.inputs[0]
    last = x.channel_axis == len(x.shape) - 1
    target = "nn.RMSNorm" if last else "modules.channel_rms_norm.ChannelRMSNorm"
    options = keywords(eps=op.eps, elementwise_affine=None if op.affine else False)
    return Construct(target, (x.channels,), options)
