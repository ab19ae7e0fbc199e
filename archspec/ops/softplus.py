"""softplus: a smooth relu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archspec.ops._elementwise import Elementwise


@dataclass(frozen=True)
class Softplus(Elementwise):
    """log(1 + exp(x))."""

    operations: ClassVar[int] = 3
