"""channel_shuffle as nn.ChannelShuffle."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.channel_shuffle import ChannelShuffle


def construct(site: Site) -> Construct:
    """nn.ChannelShuffle."""
    return Construct("nn.ChannelShuffle", (cast(ChannelShuffle, site.op).groups,))
