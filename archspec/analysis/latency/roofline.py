"""How long an operation takes on a device: what memory or arithmetic needs, whichever is slower, and its launch."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Literal

from msgspec import Struct

from archspec.analysis.latency.kernels import Kernel
from archspec.analysis.latency.profile import DeviceProfile, Dtype

Bound = Literal["memory", "compute", "launch"]
BOUNDS: tuple[Bound, ...] = ("memory", "compute", "launch")


class Time(Struct, frozen=True):
    """Seconds, by what they are spent on: waiting for memory, computing, or launching operations."""

    memory: float = 0.0
    compute: float = 0.0
    launch: float = 0.0

    def __add__(self, other: Time) -> Time:
        return Time(self.memory + other.memory, self.compute + other.compute, self.launch + other.launch)

    @property
    def seconds(self) -> float:
        """All of them."""
        return self.memory + self.compute + self.launch

    @property
    def bound(self) -> Bound | None:
        """What most of the time is spent on; None where nothing is run."""
        spent: dict[Bound, float] = {"memory": self.memory, "compute": self.compute, "launch": self.launch}
        if not self.seconds:
            return None
        return max(BOUNDS, key=spent.__getitem__)


def time_of(kernel: Kernel, profile: DeviceProfile, dtype: Dtype) -> Time:
    """The time of one operation.

    Where launches overlap with the work, an operation takes the longest of the three; else its launch comes on top.
    """
    slower = profile.backward_factor(kernel.work) if kernel.gradient and kernel.work is not None else 1.0
    memory = slower * profile.memory.seconds(kernel.bytes)
    compute = slower * _arithmetic(kernel, profile, dtype)
    launch = slower * profile.launch_seconds(kernel.work)
    most = max(memory, compute)
    if profile.launch.overlaps:
        if launch > most:
            return Time(launch=launch)
        launch = 0.0
    return Time(memory, 0.0, launch) if memory >= compute else Time(0.0, compute, launch)


def _arithmetic(kernel: Kernel, profile: DeviceProfile, dtype: Dtype) -> float:
    """Seconds of a forward operation's arithmetic."""
    pooling = profile.pooling_teraflops if kernel.pooling else None
    seconds = kernel.elementwise / ((pooling or profile.elementwise_teraflops) * 1e12)
    return seconds if kernel.work is None else seconds + kernel.flops / profile.flops(kernel.work, dtype)


def total(times: Iterable[Time]) -> Time:
    """Times after each other."""
    return reduce(Time.__add__, times, Time())
