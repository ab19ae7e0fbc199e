"""tanh: values squeezed into (-1, 1)."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ops._elementwise import Elementwise


@dataclass(frozen=True)
class Tanh(Elementwise):
    """The hyperbolic tangent."""
