"""elu as nn.ELU."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.elu import ELU


def construct(site: Site) -> Construct:
    """nn.ELU, overwriting its input where it may."""
    return Construct("nn.ELU", (cast(ELU, site.op).alpha,), keywords(inplace=site.in_place or None))
