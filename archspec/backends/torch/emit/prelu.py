"""prelu as nn.PReLU."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.prelu import PReLU


def construct(site: Site) -> Construct:
    """nn.PReLU with one slope, or one for each channel."""
    return Construct("nn.PReLU", (site.inputs[0].channels if cast(PReLU, site.op).shape == "channel" else 1,))
