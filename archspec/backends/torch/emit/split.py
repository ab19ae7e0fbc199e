"""split as a module that gives a tuple."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops._axes import resolve_axis
from archspec.ops.split import Split


def construct(site: Site) -> Construct:
    """modules.split.Split by sizes, or modules.split.Chunk into equal parts (whatever the size turns out to be)."""
    op = cast(Split, site.op)
    axis = resolve_axis(op, op.axis, site.inputs[0]) + 1
    if op.sizes is None:
        return Construct("modules.split.Chunk", (op.parts, axis))
    return Construct("modules.split.Split", (op.sizes, axis))
