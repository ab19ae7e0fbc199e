"""max: the largest value along one axis."""

from __future__ import annotations

from archspec.ops._reduce import Reduce
from archspec.tracing.arrays import Array
from archspec.tracing.tape import At, Tape


class Max(Reduce):
    """The maximum along an axis (CBAM's spatial attention takes it over channels; Woo et al. 2018, section 3)."""

    def trace(self, tape: Tape, at: At) -> tuple[Array, ...]:
        return (tape.run([at.x], tape.shape_of(at), keeps=[at.x], keeps_output=True),)
