"""relu6: values clamped to [0, 6]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archspec.ops._elementwise import Elementwise


@dataclass(frozen=True)
class ReLU6(Elementwise):
    """min(max(x, 0), 6) (Howard et al. 2017, MobileNets)."""

    operations: ClassVar[int] = 2
