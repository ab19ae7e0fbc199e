"""silu as nn.SiLU."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site, keywords


def construct(site: Site) -> Construct:
    """nn.SiLU, overwriting its input where it may."""
    return Construct("nn.SiLU", (), keywords(inplace=site.in_place or None))
