"""space_to_depth as nn.PixelUnshuffle."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.space_to_depth import SpaceToDepth


def construct(site: Site) -> Construct:
    """nn.PixelUnshuffle."""
    return Construct("nn.PixelUnshuffle", (cast(SpaceToDepth, site.op).factor,))
