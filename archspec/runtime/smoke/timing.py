"""The median time of a function: each repeat timed separately, with the device synchronised."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch

from archspec.runtime.devices import synchronise

WARM_UP = 2


def median_ms(work: Callable[[], object], repeats: int, device: torch.device) -> float:
    """Return the median time of a function in milliseconds, after WARM_UP calls."""
    for _ in range(WARM_UP):
        work()
    synchronise(device)
    # CUDA events are stamped by the device itself, so that the time of synchronising does not count.
    once = _by_events if device.type == "cuda" else _by_clock
    return median(once(work, device) for _ in range(repeats))


def _by_clock(work: Callable[[], object], device: torch.device) -> float:
    began = perf_counter()
    work()
    synchronise(device)
    return (perf_counter() - began) * 1_000


def _by_events(work: Callable[[], object], device: torch.device) -> float:
    with torch.cuda.device(device):
        began = torch.cuda.Event(enable_timing=True)
        ended = torch.cuda.Event(enable_timing=True)
        began.record()
        work()
        ended.record()
        ended.synchronize()
        return float(began.elapsed_time(ended))
