"""flatten as nn.Flatten."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """nn.Flatten of all axes but the batch."""
    return Construct("nn.Flatten", (1,))
