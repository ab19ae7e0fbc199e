"""global_max_pool: the largest value of each channel."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._global import GlobalPool


@dataclass(frozen=True)
class GlobalMaxPool(GlobalPool):
    """Maximum over space or length: [C, *S] or [L, C] to [C]."""
