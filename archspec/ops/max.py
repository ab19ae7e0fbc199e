"""max: the largest value along one axis."""

from __future__ import annotations

from archspec.ops._reduction import Reduce
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class Max(Reduce):
    """The maximum along an axis (CBAM's spatial attention takes it over channels; Woo et al. 2018, section 3)."""

    keeps_range = True

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.maximum(traced.x, tape.shape_of(traced)),)
