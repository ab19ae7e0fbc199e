"""mish: x * tanh(softplus(x))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archspec.ops._elementwise import Elementwise


@dataclass(frozen=True)
class Mish(Elementwise):
    """x * tanh(log(1 + exp(x))) (Misra 2019)."""

    operations: ClassVar[int] = 5
