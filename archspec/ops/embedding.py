"""embedding: a learned vector for each id."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.ir.types import ValueType
from archspec.ops.attributes import attribute
from archspec.ops.base import Check, Op, ShapeError, Tensor


@dataclass(frozen=True)
class Embedding(Op):
    """Rows of a table: ids [L] to tokens [L, features], one id [] to a vector [features]."""

    features: int = attribute("int", main=True, ge=1)
    count: int = attribute("int", ge=1, about="how many ids there are")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        if x.kind != "ids" or len(x.shape) > 1:
            raise ShapeError("SHP010", f"embedding needs ids [L] or [], but gets {x.kind} [{x}]", "declare kind: ids")
        return (ValueType.tokens(x.shape[0], self.features) if x.shape else ValueType.vector(self.features),)

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return (Tensor("weight", (self.count, self.features)),)
