"""mish as nn.Mish."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site, keywords


def construct(site: Site) -> Construct:
    """nn.Mish, overwriting its input where it may."""
    return Construct("nn.Mish", (), keywords(inplace=site.in_place or None))
