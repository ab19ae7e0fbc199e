"""Random zeros while training."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.backends.torch.emit.registry import emits_module

if TYPE_CHECKING:
    from archspec.ops.drop_path import DropPath
    from archspec.ops.dropout import Dropout


@emits_module("dropout")
def dropout(site: Site) -> Construct:
    """Construct nn.Dropout, or nn.DropoutNd for whole channels."""
    op = cast("Dropout", site.op)
    target = f"nn.Dropout{len(site.inputs[0].spatial_axes)}d" if op.mode == "channel" else "nn.Dropout"
    return Construct(target, (op.rate,))


@emits_module("drop_path")
def drop_path(site: Site) -> Construct:
    """Construct modules.drop_path.DropPath, which zeroes whole samples."""
    return Construct("modules.drop_path.DropPath", (cast("DropPath", site.op).rate,))
