"""identity as nn.Identity."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """nn.Identity."""
    return Construct("nn.Identity")
