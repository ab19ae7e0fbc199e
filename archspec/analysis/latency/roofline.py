"""The roofline model (Williams, Waterman & Patterson 2009): the time of an operation on a device.

Memory traffic and arithmetic overlap within one operation, so that the slower of both decides. Peaks are multiplied by
the shares that the device's profile gives for each kind of work, since no kernel reaches the datasheet.
"""

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
        """The total time."""
        return self.memory + self.compute + self.launch

    @property
    def bound(self) -> Bound | None:
        """The kind that most of the time is spent on; None if nothing runs."""
        spent: dict[Bound, float] = {"memory": self.memory, "compute": self.compute, "launch": self.launch}
        if not self.seconds:
            return None
        return max(BOUNDS, key=spent.__getitem__)


def kernel_time(kernel: Kernel, profile: DeviceProfile, dtype: Dtype) -> Time:
    """Return the time of one operation.

    A GPU launches the next operation while one runs: then an operation takes the longest of memory, arithmetic and
    launch. On a device without overlap the launch is added.
    """
    slower = profile.backward_factor(kernel.work) if kernel.gradient and kernel.work is not None else 1.0
    memory = slower * profile.memory.seconds(kernel.bytes)
    compute = slower * _arithmetic(kernel, profile, dtype)
    launch = slower * profile.launch_seconds(kernel.work)
    most = max(memory, compute)  # the roofline: both proceed at the same time
    if profile.launch.overlaps:
        # The device waits for the host: the kernel is over before the next one is launched.
        if launch > most:
            return Time(launch=launch)
        launch = 0.0
    return Time(memory, 0.0, launch) if memory >= compute else Time(0.0, compute, launch)


def _arithmetic(kernel: Kernel, profile: DeviceProfile, dtype: Dtype) -> float:
    """Return the seconds of a forward operation's arithmetic."""
    pooling = profile.pooling_teraflops if kernel.pooling else None
    seconds = kernel.elementwise / ((pooling or profile.elementwise_teraflops) * 1e12)
    return seconds if kernel.work is None else seconds + kernel.flops / profile.flops(kernel.work, dtype)


def sum_times(times: Iterable[Time]) -> Time:
    """Return the time of operations that run one after the other."""
    return reduce(Time.__add__, times, Time())
