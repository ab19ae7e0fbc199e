"""hardswish as nn.Hardswish."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site, keywords


def construct(site: Site) -> Construct:
    """nn.Hardswish, overwriting its input where it may."""
    return Construct("nn.Hardswish", (), keywords(inplace=site.in_place or None))
