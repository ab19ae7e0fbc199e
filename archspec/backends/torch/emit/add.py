"""add as Python's +."""

from __future__ import annotations

from archspec.backends.torch.emit._merge import joined
from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct | None:
    """No module: an expression."""
    return None


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """The values with + between them."""
    return joined(site, "+", arguments)
