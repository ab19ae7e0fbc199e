"""tanh as nn.Tanh."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """nn.Tanh."""
    return Construct("nn.Tanh")
