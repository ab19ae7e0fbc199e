"""sum: the sum along one axis."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._reduce import Reduce


@dataclass(frozen=True)
class Sum(Reduce):
    """The sum along an axis (several values are summed by `add`)."""
