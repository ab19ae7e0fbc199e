"""softplus as nn.Softplus."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """nn.Softplus."""
    return Construct("nn.Softplus")
