"""gate: two values mixed by a third, the merge of a highway layer."""

from __future__ import annotations

from fractions import Fraction

from archspec.ir.op import Check, Op, Port, ShapeError
from archspec.ir.sizes import equal
from archspec.ir.types import ValueType
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Gate(Op):
    """t * body + (1 - t) * shortcut, where all three have one shape; axes of t may be 1 (Srivastava et al. 2015)."""

    family = "merges"
    is_merge = True
    multiplies_inputs = True
    ports = (Port("t"), Port("body"), Port("shortcut"))

    @property
    def broadcasts(self) -> bool:
        return True

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        t, body, shortcut = inputs
        require_numbers(self, body)
        for x, stretches in ((shortcut, False), (t, True)):
            message = f"gate needs equal shapes, but gets {body} and {x}"
            error = ShapeError("SHP001", message, "the gate's layers end with the body's channels")
            if len(x.shape) != len(body.shape) or x.channel_axis != body.channel_axis:
                raise error
            for size, its in zip(body.shape, x.shape, strict=True):
                if not (stretches and its == 1):
                    check(equal(size, its), error)
        return (body,)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        # Two products, 1 - t, and the sum.
        return 4 * outputs[0].elements

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        x, body = inputs[port], inputs[1]
        return (Fraction(1),) * len(x.spatial_axes) if x.spatial == body.spatial else None

    def residual_ports(self, count: int) -> tuple[int, tuple[int, ...]]:
        return 1, (2,)

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        t, body, shortcut = traced.present_inputs
        taken = tape.multiply(t, body)
        rest = tape.elementwise(t)
        return (tape.add(taken, tape.multiply(rest, shortcut)),)
