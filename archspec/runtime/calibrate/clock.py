"""The time of one operation: the median of batches of calls within a time limit."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter, thread_time

import torch

from archspec.runtime.devices import synchronise

MOST = 200
LONG_ENOUGH = 2e-4  # seconds that a timed batch of calls lasts at least, far above the clock's own cost


def seconds_of(run: Callable[[], object], device: torch.device, allowed: float) -> float:
    """Return the median seconds of a call, after one to warm up; a slow one is timed once even if `allowed` is over."""
    began = perf_counter()
    run()
    # The first call, above, pays for what happens once: kernels that are compiled or chosen, memory that is allocated.
    once = _batch(run, device, 1)
    calls = max(1, min(1000, int(LONG_ENOUGH / max(once, 1e-7))))
    times = [once] if calls == 1 else []
    while not times or (len(times) < MOST and perf_counter() - began < allowed):
        times.append(_batch(run, device, calls) / calls)
    return median(times)


def clock_for(device: torch.device) -> Callable[[], float]:
    """Return the processor time where one thread does all work, so that other programs do not count; else wall time."""
    return thread_time if device.type == "cpu" and torch.get_num_threads() == 1 else perf_counter


def _batch(run: Callable[[], object], device: torch.device, calls: int) -> float:
    now = clock_for(device)
    synchronise(device)
    began = now()
    for _ in range(calls):
        run()
    synchronise(device)
    return now() - began
