"""dropout as nn.Dropout, or nn.Dropout1d, 2d, 3d for whole channels."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.dropout import Dropout


def construct(site: Site) -> Construct:
    """nn.Dropout or nn.DropoutNd, overwriting its input where it may."""
    op = cast(Dropout, site.op)
    target = f"nn.Dropout{len(site.inputs[0].spatial_axes)}d" if op.mode == "channel" else "nn.Dropout"
    return Construct(target, (op.rate,), keywords(inplace=site.in_place or None))
