"""embedding: a learned vector for each id."""

from __future__ import annotations

from archspec.ir.op import Check, Op, ShapeError, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Embedding(Op):
    """Rows of a table: ids [L] to tokens [L, features], one id [] to a vector [features].

    There are as many rows as the ids' declared `range`, or `count` of them.
    """

    family = "projections"
    is_lookup = True
    width_argument = "features"
    renamable_tensors = True

    features: int = attribute("int", main=True, ge=1)
    count: int | None = attribute("int", None, ge=1, nullable=True, about="how many ids there are; null: their range")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        if x.kind != "ids" or len(x.shape) > 1:
            raise ShapeError("SHP010", f"embedding needs ids [L] or [], but gets {x.kind} [{x}]", "declare kind: ids")
        if self.count is None and x.range is None:
            hint = "write `embedding: {features: ..., count: ...}`, or the input's `range: ...`"
            raise ShapeError("SPC009", "embedding needs count: the ids have no declared range", hint)
        # torch fails only when an id beyond the table comes, which may be late in training.
        if self.count is not None and x.range is not None and self.count < x.range:
            message = f"count = {self.count}, but there are {x.range} ids"
            raise ShapeError("SHP010", message, "leave count out, or make it at least as large", "count")
        return (ValueType.tokens(x.shape[0], self.features) if x.shape else ValueType.vector(self.features),)

    def rows(self, x: ValueType) -> int:
        """Return how many vectors the table holds."""
        return self.count if self.count is not None else x.range or 0

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return (Tensor("weight", (self.rows(inputs[0]), self.features)),)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        ids = traced.x
        return (tape.run([traced.tensors["weight"], ids], (*ids.shape, self.features), keeps=[ids]),)
