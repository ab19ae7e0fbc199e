"""hardsigmoid as nn.Hardsigmoid."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site, keywords


def construct(site: Site) -> Construct:
    """nn.Hardsigmoid, overwriting its input where it may."""
    return Construct("nn.Hardsigmoid", (), keywords(inplace=site.in_place or None))
