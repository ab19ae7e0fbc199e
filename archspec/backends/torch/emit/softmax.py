"""softmax as nn.Softmax."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops._axes import resolve_axis
from archspec.ops.softmax import Softmax


def construct(site: Site) -> Construct:
    """nn.Softmax over one axis of the sample."""
    axis = resolve_axis(site.op, cast(Softmax, site.op).axis, site.inputs[0])
    return Construct("nn.Softmax", (), (("dim", axis + 1),))
