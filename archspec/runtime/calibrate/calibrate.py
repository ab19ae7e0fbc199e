"""Measures a device and makes a profile of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

import torch

from archspec.analysis.latency.profile import CONVOLUTIONS, DTYPES, WORK, DeviceProfile, Dtype, Precision
from archspec.analysis.latency.profiles import parse_profile
from archspec.ir.op import WorkKind
from archspec.runtime.calibrate.clock import seconds_of
from archspec.runtime.calibrate.plan import CalibrationPlan, plan_for
from archspec.runtime.calibrate.workloads import activation, addition, launches, pooling, workload
from archspec.runtime.calibrate.writing import Measurements, profile_text
from archspec.runtime.devices import device_of, name_of

CalibrationProgress = Callable[[int, int, str], None]
"""Called before each measurement with the number done, the number in all, and the name of the next one."""

LEAST_SHARE = 0.1  # of a measured time is work at least: a launch can be measured longer than the whole
FASTER = 1.15  # times the level behind it that a cache must be to count as one


@dataclass(frozen=True, slots=True)
class Calibration:
    """A measured profile, and the text of its file."""

    profile: DeviceProfile
    text: str


def measured(
    device: str = "auto",
    quick: bool = False,
    on_progress: CalibrationProgress | None = None,
    plan: CalibrationPlan | None = None,
) -> Calibration:
    """Measure a device (auto, cpu, cuda, cuda:1, mps); raises DeviceNotFoundError where it is not there."""
    there = device_of(device)
    measuring = _Measuring(there, plan or plan_for(there.type, quick), on_progress)
    with torch.no_grad():
        text = profile_text(measuring.run())
    return Calibration(parse_profile(text, "<calibrated>"), text)


@dataclass(slots=True)
class _Measuring:
    """One calibration: its measurements in order, each with the same share of the time."""

    device: torch.device
    plan: CalibrationPlan
    on_progress: CalibrationProgress | None
    done: int = 0
    bare: float = 0.0  # seconds of an addition of a few numbers
    launch: float = 0.0
    launch_convolution: float = 0.0
    rates: dict[WorkKind, dict[Precision, float]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of measurements."""
        return 7 + len(self.plan.caches) + self.plan.rates + 2 * len(WORK)

    def run(self) -> Measurements:
        """Take all measurements."""
        tiny = {name: self._timed(run, f"launches, {name}") for name, run in launches(self.device).items()}
        self.bare = tiny["addition"]
        self.launch = fmean(tiny[name] for name in ("addition", "activation", "norm"))
        self.launch_convolution = max(self.launch, tiny["convolution"])
        bandwidth = self._bandwidth(self.plan.memory)
        caches = self._caches(bandwidth)
        elementwise = self._operations(activation(self.plan.elements, self.device), "elementwise")
        windows = self._operations(pooling(self.plan.elements, self.device), "pooling")
        for dtype in DTYPES:
            for work in WORK:
                self._rate(work, dtype)
        backward = {work: self._backward(work) for work in WORK if work in self.rates}
        return Measurements(
            name=name_of(self.device),
            torch=torch.__version__,
            rates=self.rates,
            backward=backward,
            elementwise=elementwise,
            pooling=windows,
            bandwidth=bandwidth,
            caches=caches,
            launch=self.launch,
            launch_convolution=self.launch_convolution,
            overlaps=self.device.type != "cpu",
        )

    def _timed(self, run: Callable[[], object], what: str) -> float:
        self._report(what)
        return seconds_of(run, self.device, self.plan.seconds / self.count)

    def _report(self, what: str) -> None:
        if self.on_progress is not None:
            self.on_progress(self.done, self.count, what)
        self.done += 1

    def _work(self, seconds: float, launch: float) -> float:
        """Return a measured time less that of the launch; where launches overlap with work, all of it is work."""
        return seconds if self.device.type != "cpu" else max(seconds - launch, LEAST_SHARE * seconds)

    def _operations(self, timed: tuple[Callable[[], object], int], what: str) -> float:
        """Return the operations a second of a timed function."""
        run, operations = timed
        return operations / self._work(self._timed(run, what), self.bare)

    def _bandwidth(self, mebibytes: float) -> float:
        """Return the bytes a second of an addition that touches `mebibytes` MiB."""
        run, size = addition(mebibytes, self.device)
        return size / self._work(self._timed(run, f"memory, {mebibytes:g} MiB"), self.bare)

    def _caches(self, behind: float) -> tuple[tuple[float, float], ...]:
        """Return MiB and bytes a second of the caches, the smallest first; only those faster than the level behind."""
        found: list[tuple[float, float]] = []
        for mebibytes in reversed(self.plan.caches):
            rate = self._bandwidth(mebibytes)
            if rate > FASTER * behind:
                found.append((mebibytes, rate))
                behind = rate
        return tuple(reversed(found))

    def _rate(self, work: WorkKind, dtype: Dtype) -> None:
        """Measure operations a second over all shapes of a kind of work; skip it where torch lacks that dtype."""
        launch = self.launch_convolution if work in CONVOLUTIONS else self.launch
        flops, seconds = 0, 0.0
        try:
            for shape in self.plan.shapes_of(work, dtype):
                item = workload(work, shape, self.plan.batch, self.device, getattr(torch, dtype))
                seconds += self._work(self._timed(item.run, f"{work}, {dtype}"), launch)
                flops += item.flops
        except (RuntimeError, NotImplementedError):  # not in this type, or not on this device
            return
        if seconds:
            self.rates.setdefault(work, {})[self._precision(work, dtype)] = flops / seconds

    def _backward(self, work: WorkKind) -> float:
        """Return the time of one of the two gradient products in forward times, in float32."""
        shape = self.plan.shapes[work][-1]
        item = workload(work, shape, self.plan.batch, self.device, torch.float32)
        forward = self._timed(item.run, f"{work}, forward again")
        with torch.enable_grad():
            both = self._timed(item.with_gradients(), f"{work}, with gradients")
        # `both` has the forward pass and two products, one for the gradient of each operand.
        return max(both - forward, LEAST_SHARE * forward) / (2 * forward)

    def _precision(self, work: WorkKind, dtype: Dtype) -> Precision:
        """Return the precision computed in: TF32 for convolutions in float32 where the device and torch allow it."""
        if dtype == "float32" and self.device.type == "cuda" and work in CONVOLUTIONS:
            newer = torch.cuda.get_device_capability(self.device) >= (8, 0)
            return "tf32" if newer and torch.backends.cudnn.allow_tf32 else dtype
        return dtype
