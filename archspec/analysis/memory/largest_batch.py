"""The largest batch whose training step fits into so much memory."""

from __future__ import annotations

from archspec.analysis.checkpointing import Checkpoint
from archspec.analysis.memory.predict import memory
from archspec.ir.graph import Graph
from archspec.tracing.autocast import Device

MOST = 1 << 24  # samples: what takes next to nothing each is not counted further


def largest_batch(
    graph: Graph,
    limit: int,
    *,
    dtype: str = "float32",
    optimizer: str = "sgd",
    device: Device = "gpu",
    checkpoint: Checkpoint = False,
) -> int:
    """The most samples at a time whose training step is predicted to fit into `limit` bytes; 0 where not one does."""

    def peak(batch: int) -> int:
        return memory(graph, batch=batch, dtype=dtype, optimizer=optimizer, device=device, checkpoint=checkpoint).peak

    low, there = 1, peak(1)
    if there > limit:
        return 0
    high, above = 2, peak(2)
    while above <= limit:
        if high >= MOST:
            return MOST
        low, there, each = high, above, max(1, (above - there) // (high - low))
        high = min(MOST, max(2 * high, high + 2 * (limit - above) // each))
        above = peak(high)
    straight = True
    while high - low > 1:  # by the straight line between them, and every other time by halves
        middle = low + (limit - there) * (high - low) // (above - there) if straight else (low + high) // 2
        straight = not straight
        middle = min(max(middle, low + 1), high - 1)
        size = peak(middle)
        if size <= limit:
            low, there = middle, size
        else:
            high, above = middle, size
    return low
