"""depth_to_space as nn.PixelShuffle."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.depth_to_space import DepthToSpace


def construct(site: Site) -> Construct:
    """nn.PixelShuffle."""
    return Construct("nn.PixelShuffle", (cast(DepthToSpace, site.op).factor,))
