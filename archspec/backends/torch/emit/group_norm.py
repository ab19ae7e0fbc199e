"""group_norm as nn.GroupNorm."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops.group_norm import GroupNorm


def construct(site: Site) -> Construct:
    """nn.GroupNorm."""
    op = cast(GroupNorm, site.op)
    options = keywords(eps=op.eps if op.eps != 1e-5 else None, affine=None if op.affine else False)
    return Construct("nn.GroupNorm", (op.groups, site.inputs[0].channels), options)
