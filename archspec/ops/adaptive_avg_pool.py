"""adaptive_avg_pool: means over windows that give a fixed size."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._adaptive import AdaptivePool


@dataclass(frozen=True)
class AdaptiveAvgPool(AdaptivePool):
    """[C, *S] to [C, *size] by means; the map stays a map, even at size 1."""
