"""l2_normalize: values along one axis divided by their Euclidean norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archspec.ir.types import ValueType
from archspec.ops._axes import AXIS_WORDS, require_numbers, resolve_axis
from archspec.ops._elementwise import Elementwise
from archspec.ops.attributes import attribute
from archspec.ops.base import Check


@dataclass(frozen=True)
class L2Normalize(Elementwise):
    """x / max(|x|, eps) along an axis; the shape stays."""

    operations: ClassVar[int] = 3
    axis: int | str = attribute("int", "channel", main=True, words=AXIS_WORDS)
    eps: float = attribute("float", 1e-12, ge=0)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        resolve_axis(self, self.axis, inputs[0])
        return inputs
