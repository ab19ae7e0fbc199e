"""silu: x * sigmoid(x), also called swish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archspec.ops._elementwise import Elementwise


@dataclass(frozen=True)
class SiLU(Elementwise):
    """x * sigmoid(x) (Ramachandran et al. 2017)."""

    operations: ClassVar[int] = 5
