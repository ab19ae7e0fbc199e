"""adaptive_avg_pool as nn.AdaptiveAvgPool1d, AdaptiveAvgPool2d or AdaptiveAvgPool3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ir.axes import per_axis
from archspec.ops.adaptive_avg_pool import AdaptiveAvgPool


def construct(site: Site) -> Construct:
    """nn.AdaptiveAvgPoolNd."""
    rank = len(site.inputs[0].spatial_axes)
    return Construct(f"nn.AdaptiveAvgPool{rank}d", (per_axis(cast(AdaptiveAvgPool, site.op).size, rank, "size"),))
