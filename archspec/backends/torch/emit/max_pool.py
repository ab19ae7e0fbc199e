"""max_pool as nn.MaxPool1d, MaxPool2d or MaxPool3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.max_pool import MaxPool


def construct(site: Site) -> Construct:
    """nn.MaxPoolNd."""
    op = cast(MaxPool, site.op)
    rank = len(site.inputs[0].spatial_axes)
    pairs, kernel, stride, dilation = op.geometry(rank)
    padding = tuple(before for before, _ in pairs)
    options = keywords(
        stride=stride if stride != kernel else None,
        padding=padding if any(padding) else None,
        dilation=dilation if set(dilation) != {1} else None,
        ceil_mode=op.ceil or None,
    )
    return Construct(f"nn.MaxPool{rank}d", (kernel,), options)
