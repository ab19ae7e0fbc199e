"""max: the largest value along one axis."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._reduce import Reduce


@dataclass(frozen=True)
class Max(Reduce):
    """The maximum along an axis (CBAM's spatial attention takes it over channels; Woo et al. 2018, section 3)."""
