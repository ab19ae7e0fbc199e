"""sigmoid: values squeezed into (0, 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archspec.ops._elementwise import Elementwise


@dataclass(frozen=True)
class Sigmoid(Elementwise):
    """1 / (1 + exp(-x))."""

    operations: ClassVar[int] = 4
