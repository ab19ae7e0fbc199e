"""avg_pool as nn.AvgPool1d, AvgPool2d or AvgPool3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.avg_pool import AvgPool


def construct(site: Site) -> Construct:
    """nn.AvgPoolNd."""
    op = cast(AvgPool, site.op)
    rank = len(site.inputs[0].spatial_axes)
    pairs, kernel, stride, _ = op.geometry(rank)
    padding = tuple(before for before, _ in pairs)
    options = keywords(
        stride=stride if stride != kernel else None,
        padding=padding if any(padding) else None,
        count_include_pad=None if op.include_pad else False,
        ceil_mode=op.ceil or None,
    )
    return Construct(f"nn.AvgPool{rank}d", (kernel,), options)
