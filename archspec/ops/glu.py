"""glu: half of the channels gate the other half."""

from __future__ import annotations

from archspec.ir.op import Check, ShapeError
from archspec.ir.sizes import divisible
from archspec.ir.types import ValueType
from archspec.ops._axes import with_axis
from archspec.ops._elementwise import Elementwise
from archspec.ops._requirements import require_numbers
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class GLU(Elementwise):
    """a * sigmoid(b) where a and b are the halves of the channels: C to C / 2 (Dauphin et al. 2016)."""

    family = "activations"
    operations = 5

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_numbers(self, x)
        channels = x.shape[x.channel_axis]
        error = ShapeError("SHP010", f"glu halves the channels, but {x} has an odd number of them", "make them even")
        check(divisible(channels, 2), error)
        return (with_axis(x, x.channel_axis, channels // 2),)

    def mixes_channels(self, x: ValueType) -> bool:
        return True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.run([traced.x], tape.shape_of(traced), keeps=[traced.x]),)
