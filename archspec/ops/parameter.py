"""parameter: a learned tensor with no input (class token, position embedding, queries)."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, Port, ShapeError, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class LearnedParameter(Op):
    """A tensor [1, *sample] repeated for each sample of the batch: [1, F] a vector, [1, L, C] tokens, else a map.

    `like` is any value of the spec: only its batch size is read. Without it the batch is 1.
    """

    family = "bare_tensors"
    ports = (Port("like", optional=True, shape_only=True),)
    bare = True

    shape: tuple[int, ...] = attribute("shape", main=True, ge=1, about="with a leading 1 for the batch")

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        if not 2 <= len(self.shape) <= 5 or self.shape[0] != 1:
            message = f"shape takes [1, F], [1, L, C] or [1, C, ...], not {list(self.shape)}"
            raise ShapeError("SPC002", message, "the first axis is the batch: 1", "shape")
        sample = self.shape[1:]
        if len(sample) == 1:
            return (ValueType.vector(sample[0]),)
        return (ValueType.tokens(*sample) if len(sample) == 2 else ValueType.map(*sample),)

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return (Tensor("", self.shape),)

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        return None

    @property
    def fill(self) -> tuple[str, float]:
        return ("zeros", 0.0)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        tensor = traced.tensors[""]
        if not traced.present_inputs:
            return (tensor,)
        # `expand`: one copy for the whole batch, whose axis has stride 0.
        return (tape.view(tensor, (traced.x.shape[0], *self.shape[1:]), (0, *tensor.strides[1:])),)
