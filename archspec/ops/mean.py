"""mean: the mean along one axis."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._reduce import Reduce


@dataclass(frozen=True)
class Mean(Reduce):
    """The mean along an axis (`global_avg_pool` takes it over all of space)."""
