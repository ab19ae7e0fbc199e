"""unflatten as nn.Unflatten."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.unflatten import Unflatten


def construct(site: Site) -> Construct:
    """nn.Unflatten of the features."""
    return Construct("nn.Unflatten", (1, cast(Unflatten, site.op).shape))
