"""slice as a module."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.slice import Slice


def construct(site: Site) -> Construct:
    """modules.slice.Select for one position, modules.slice.Slice for a stretch."""
    op = cast(Slice, site.op)
    axis = op.position(site.inputs[0]) + 1
    if op.index is not None:
        return Construct("modules.slice.Select", (axis, op.index))
    return Construct("modules.slice.Slice", (axis, op.start, op.stop, op.step))
