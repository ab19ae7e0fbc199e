"""sum as a module."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops._axes import resolve_axis
from archspec.ops.sum import Sum


def construct(site: Site) -> Construct:
    """modules.reduce.Sum over one axis of the sample."""
    op = cast(Sum, site.op)
    axis = resolve_axis(op, op.axis, site.inputs[0])
    return Construct("modules.reduce.Sum", (axis + 1,), keywords(keep=op.keep or None))
