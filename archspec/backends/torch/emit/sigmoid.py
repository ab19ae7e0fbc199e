"""sigmoid as nn.Sigmoid."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """nn.Sigmoid."""
    return Construct("nn.Sigmoid")
