"""embedding as nn.Embedding."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.embedding import Embedding


def construct(site: Site) -> Construct:
    """nn.Embedding."""
    op = cast(Embedding, site.op)
    return Construct("nn.Embedding", (op.rows(site.inputs[0]), op.features))


def functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """F.embedding."""
    return f"F.embedding({arguments[0]}, {tensors['weight']})"
