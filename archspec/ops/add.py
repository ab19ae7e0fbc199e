"""add: values of one shape summed element by element."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._merge import Merge


@dataclass(frozen=True)
class Add(Merge):
    """The sum of the values (He et al. 2015: F(x) + x)."""
