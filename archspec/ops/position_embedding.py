"""position_embedding: a learned vector added at each position."""

from __future__ import annotations

from archspec.ir.op import Check, ShapeError, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class PositionEmbedding(Elementwise):
    """x + weight, the weight [1, *shape of x]: the length is then fixed (Dosovitskiy et al. 2020, equation 1)."""

    family = "bare_tensors"
    bare = True

    std: float = attribute("float", 0.02, ge=0, about="standard deviation of the weight at the start")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        if x.kind not in ("tokens", "map"):
            raise ShapeError("SHP010", f"position_embedding needs tokens or a map, but gets {x.kind} [{x}]")
        return inputs

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return (Tensor("", (1, *(int(d) for d in inputs[0].shape if isinstance(d, int)))),)

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        # The weight has the shape of one sample, so that the built module fixes every size.
        return inputs[0].shape

    @property
    def fill(self) -> tuple[str, float]:
        return ("normal", self.std)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.add(traced.x, traced.tensors[""]),)
