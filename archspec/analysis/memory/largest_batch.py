"""Find the largest batch whose training step fits into a given memory."""

from __future__ import annotations

from archspec.analysis.checkpointing import Checkpoint
from archspec.analysis.memory import defaults
from archspec.analysis.memory.losses import Loss
from archspec.analysis.memory.predict import predict_memory
from archspec.ir.graph import Graph
from archspec.tracing.autocast import Device

MOST = 1 << 24  # samples; a design that takes next to nothing has no larger answer


def largest_batch(
    graph: Graph,
    limit: int,
    *,
    dtype: str = "float32",
    optimizer: str = defaults.OPTIMIZER,
    device: Device = "gpu",
    loss: Loss = "mean_square",
    checkpoint: Checkpoint = False,
) -> int:
    """Return the largest batch whose training step is predicted to fit into `limit` bytes; 0 if one sample does not.

    The other arguments are those of predict_memory.

    The peak is nearly linear in the batch: bracket the limit by extrapolation, then alternate linear interpolation and
    bisection, which takes a handful of predictions and is exact if the peak grows with the batch.
    """

    def peak(batch: int) -> int:
        return predict_memory(
            graph, batch=batch, dtype=dtype, optimizer=optimizer, device=device, loss=loss, checkpoint=checkpoint
        ).peak

    low, low_peak = 1, peak(1)
    if low_peak > limit:
        return 0
    high, high_peak = 2, peak(2)
    while high_peak <= limit:
        if high >= MOST:
            return MOST
        low, low_peak, each = high, high_peak, max(1, (high_peak - low_peak) // (high - low))
        # Twice the extrapolated distance, so that the next step is likely above the limit, and at least a doubling.
        high = min(MOST, max(2 * high, high + 2 * (limit - high_peak) // each))
        high_peak = peak(high)
    interpolate = True
    while high - low > 1:
        middle = low + (limit - low_peak) * (high - low) // (high_peak - low_peak) if interpolate else (low + high) // 2
        # Interpolation alone may approach from one side only, by one sample a step; bisection bounds the steps.
        interpolate = not interpolate
        middle = min(max(middle, low + 1), high - 1)
        size = peak(middle)
        if size <= limit:
            low, low_peak = middle, size
        else:
            high, high_peak = middle, size
    return low
