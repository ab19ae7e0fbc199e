"""mean as a module."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ops._axes import resolve_axis
from archspec.ops.mean import Mean


def construct(site: Site) -> Construct:
    """modules.reduce.Mean over one axis of the sample."""
    op = cast(Mean, site.op)
    axis = resolve_axis(op, op.axis, site.inputs[0])
    return Construct("modules.reduce.Mean", (axis + 1,), keywords(keep=op.keep or None))
