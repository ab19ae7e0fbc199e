"""instance_norm as nn.InstanceNorm1d, InstanceNorm2d or InstanceNorm3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.instance_norm import InstanceNorm


def construct(site: Site) -> Construct:
    """nn.InstanceNormNd."""
    op, x = cast(InstanceNorm, site.op), site.inputs[0]
    options = keywords(
        eps=op.eps if op.eps != 1e-5 else None,
        momentum=op.momentum if op.momentum != 0.1 else None,
        affine=op.affine or None,
        track_running_stats=op.track or None,
    )
    return Construct(f"nn.InstanceNorm{len(x.spatial_axes)}d", (x.channels,), options)
