"""leaky_relu as nn.LeakyReLU."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.leaky_relu import LeakyReLU


def construct(site: Site) -> Construct:
    """nn.LeakyReLU, overwriting its input where it may."""
    return Construct("nn.LeakyReLU", (cast(LeakyReLU, site.op).slope,), keywords(inplace=site.in_place or None))
