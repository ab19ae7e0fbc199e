"""batch_norm as nn.BatchNorm1d, BatchNorm2d or BatchNorm3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.batch_norm import BatchNorm


def construct(site: Site) -> Construct:
    """nn.BatchNormNd, 1d for a vector."""
    op, x = cast(BatchNorm, site.op), site.inputs[0]
    options = keywords(
        eps=op.eps if op.eps != 1e-5 else None,
        affine=None if op.affine else False,
        track_running_stats=None if op.track else False,
    )
    # None is a momentum of its own, so it cannot go through keywords().
    momentum = (("momentum", op.momentum),) if op.momentum != 0.1 else ()
    return Construct(f"nn.BatchNorm{len(x.spatial_axes) or 1}d", (x.channels,), (*options, *momentum))
