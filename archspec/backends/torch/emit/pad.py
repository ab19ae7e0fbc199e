"""pad as nn.ConstantPadNd, ReflectionPadNd, ReplicationPadNd or CircularPadNd."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.pad import Pad


def construct(site: Site) -> Construct:
    """The module of the mode; amounts go from the last axis to the first as torch wants them."""
    op = cast(Pad, site.op)
    rank = len(site.inputs[0].spatial_axes)
    amounts = tuple(amount for pair in reversed(op.pairs(rank)) for amount in pair)
    names = {"zeros": "Constant", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}
    if any(op.channels):
        amounts = (*amounts, *op.channels)
    arguments = (amounts, op.value) if op.mode == "zeros" else (amounts,)
    return Construct(f"nn.{names[op.mode]}Pad{rank}d", arguments)
