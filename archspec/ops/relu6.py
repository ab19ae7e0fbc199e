"""relu6: values clamped to [0, 6]."""

from __future__ import annotations

from typing import ClassVar

from archspec.ops._elementwise import Elementwise
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class ReLU6(Elementwise):
    """min(max(x, 0), 6) (Howard et al. 2017, MobileNets)."""

    operations: ClassVar[int] = 2

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return tape.activation(traced)
