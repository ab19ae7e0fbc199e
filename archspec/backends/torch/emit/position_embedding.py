"""position_embedding: a bare tensor."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct | None:
    """No module: its tensor belongs to the parent."""
    return None


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """The position embedding added; `module` is the tensor."""
    return f"{arguments[0]} + {module}"
