"""gate as arithmetic."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct | None:
    """No module: an expression."""
    return None


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """t * body + (1 - t) * shortcut."""
    t, body, shortcut = arguments
    return f"{t} * {body} + (1 - {t}) * {shortcut}"
