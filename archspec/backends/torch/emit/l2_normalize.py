"""l2_normalize as a module."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops._axes import resolve_axis
from archspec.ops.l2_normalize import L2Normalize


def construct(site: Site) -> Construct:
    """modules.l2_normalize.L2Normalize over one axis of the sample."""
    op = cast(L2Normalize, site.op)
    axis = resolve_axis(op, op.axis, site.inputs[0])
    return Construct("modules.l2_normalize.L2Normalize", (axis + 1,), keywords(eps=op.eps if op.eps != 1e-12 else None))
