"""relu6 as nn.ReLU6."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site, keywords


def construct(site: Site) -> Construct:
    """nn.ReLU6, overwriting its input where it may."""
    return Construct("nn.ReLU6", (), keywords(inplace=site.in_place or None))
