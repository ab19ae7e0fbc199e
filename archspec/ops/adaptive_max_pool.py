"""adaptive_max_pool: maxima over windows that give a fixed size."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._adaptive import AdaptivePool


@dataclass(frozen=True)
class AdaptiveMaxPool(AdaptivePool):
    """[C, *S] to [C, *size] by maxima; the map stays a map, even at size 1."""
