"""relu as nn.ReLU."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site, keywords


def construct(site: Site) -> Construct:
    """nn.ReLU, overwriting its input where it may."""
    return Construct("nn.ReLU", (), keywords(inplace=site.in_place or None))
