"""avg_pool: the mean of each window."""

from __future__ import annotations

from archspec.ir.axes import per_axis
from archspec.ir.op import Check, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import at_least
from archspec.ir.types import ValueType
from archspec.ops._requirements import require_map
from archspec.ops._window_pooling import Pool
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp


class AvgPool(Pool):
    """Mean over a window: [C, *S] to [C, *S']; `include_pad` counts padding as zeros."""

    include_pad: bool = attribute("bool", True)

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        outputs = super().infer(inputs, check)
        (x,) = inputs
        if require_map(self, x) == 3:
            # PyTorch's AvgPool3d, unlike the others, wants a whole kernel even without the padding.
            message = f"avg_pool in 3-D needs a map at least as large as its kernel, but gets {x}"
            for size, kernel in zip(x.spatial, per_axis(self.kernel, 3, "kernel"), strict=True):
                check(at_least(size, kernel), ShapeError("SHP006", message, "use a smaller kernel", "kernel"))
        return outputs

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.fresh(traced, keeps=[traced.x], name=f"avg_pool{len(traced.x.shape) - 2}d"),)
