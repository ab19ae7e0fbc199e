"""adaptive_max_pool as nn.AdaptiveMaxPool1d, AdaptiveMaxPool2d or AdaptiveMaxPool3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ir.axes import per_axis
from archspec.ops.adaptive_max_pool import AdaptiveMaxPool


def construct(site: Site) -> Construct:
    """nn.AdaptiveMaxPoolNd."""
    rank = len(site.inputs[0].spatial_axes)
    return Construct(f"nn.AdaptiveMaxPool{rank}d", (per_axis(cast(AdaptiveMaxPool, site.op).size, rank, "size"),))
