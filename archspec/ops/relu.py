"""relu: negative values become zero."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._elementwise import Elementwise


@dataclass(frozen=True)
class ReLU(Elementwise):
    """max(x, 0)."""
