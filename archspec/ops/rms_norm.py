"""rms_norm: the features at each position divided by their root mean square."""

from __future__ import annotations

from archspec.ir.op import Check, Op, Tensor
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType
from archspec.ops._axes import feature_axis
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class RMSNorm(Op):
    """x / sqrt(mean(x^2) + eps) * weight over the features (Zhang & Sennrich 2019)."""

    family = "normalisation"
    is_norm = True
    is_pointwise = True

    eps: float | None = attribute("float", 1e-6, ge=0, nullable=True, about="null: the smallest step of the dtype")
    affine: bool = attribute("bool", True)
    axis: str = attribute("str", "last", choices=("last", "channel"))

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        feature_axis(self, self.axis, inputs[0])
        return inputs

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return (Tensor("weight", (inputs[0].channels,)),) if self.affine else ()

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        return (inputs[0].shape[inputs[0].channel_axis],)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements * (4 if self.affine else 3)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        last = traced.types[0].channel_axis == len(traced.types[0].shape) - 1
        x = tape.to(traced.x if last else tape.move(traced.x, 1, -1), "float32")
        rows, weights = (*x.shape[:-1], 1), traced.tensors.values()
        if tape.device == "gpu":
            # One kernel, which keeps the inverse root of each row; on a CPU torch composes the norm of five functions.
            y = tape.run([x, *weights], x.shape, keeps=[x], extras=[(rows, "float32")])
        else:
            square = tape.square(x)
            mean = tape.run([square], rows)
            # The gradient, -grad / 2 * result ** 3, has two temporary arrays.
            root = tape.run([mean], rows, keeps_output=True, scratch=2 * mean.bytes)
            tape.hold(square)  # a temporary of the expression that ends here
            y = tape.contiguous(tape.multiply(x, root, *weights))
        y = tape.to(y, tape.result("rms_norm", traced.x))
        return (y if last else tape.move(y, -1, 1),)
