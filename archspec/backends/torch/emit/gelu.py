"""gelu as nn.GELU."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.gelu import GELU


def construct(site: Site) -> Construct:
    """nn.GELU, exact or by tanh."""
    approximate = cast(GELU, site.op).approximate
    return Construct("nn.GELU", (), keywords(approximate=approximate if approximate != "none" else None))
