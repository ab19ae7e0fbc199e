"""max as a module."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops._axes import resolve_axis
from archspec.ops.max import Max


def construct(site: Site) -> Construct:
    """modules.reduce.Max over one axis of the sample."""
    op = cast(Max, site.op)
    axis = resolve_axis(op, op.axis, site.inputs[0])
    return Construct("modules.reduce.Max", (axis + 1,), keywords(keep=op.keep or None))
