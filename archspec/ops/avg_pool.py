"""avg_pool: the mean of each window."""

from __future__ import annotations

from msgspec.structs import replace

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
    """Mean over a window: [C, *S] to [C, *S']; `include_pad` counts padding as zeros, but never that of `same`."""

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

    @property
    def counts_padding(self) -> bool:
        """Whether the mean counts the padding as zeros."""
        return self.include_pad and self.padding != "same"

    def leading_windows(self, rank: int) -> tuple[int, ...]:
        """Return the windows, 0 or 1 along each axis, that `same` computes before the first and leaves out.

        torch pads both sides alike. With a stride, its last window may be partial; at stride 1 an even kernel needs one
        more after the map than before it, so that the same is padded before, which makes a window too many.
        """
        if self.padding != "same":
            return (0,) * rank
        kernel, stride, _ = self.window(rank)
        return tuple([int(s == 1 and k % 2 == 0) for k, s in zip(kernel, stride, strict=True)])

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        rank = len(traced.x.shape) - 2
        leading = self.leading_windows(rank)
        (y,) = traced.outputs
        more = y.with_spatial(tuple([n + extra for n, extra in zip(y.spatial, leading, strict=True)]))
        result = tape.fresh(replace(traced, outputs=(more,)), keeps=[traced.x], name=f"avg_pool{rank}d")
        # One view for each axis: the gradient of each is a map of its own.
        for axis, extra in enumerate(leading, 2):
            if extra:
                shape = (*result.shape[:axis], result.shape[axis] - extra, *result.shape[axis + 1 :])
                result = tape.view(result, shape, result.strides)
        return (result,)
