"""The plan of a calibration: the sizes and shapes to measure, those of common networks, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.analysis.latency.profile import DTYPES, WORK, Dtype
from archspec.ir.op import WorkKind

WorkloadShape = tuple[int, ...]

# matmul: rows of one sample, features in and out. Convolutions: channels in and out, size of the map, kernel, groups.
# attention: heads, length, width of a head.
SHAPES: dict[WorkKind, tuple[WorkloadShape, ...]] = {
    "matmul": ((197, 768, 3072), (197, 768, 768), (49, 512, 2048)),
    "convolution": ((64, 64, 56, 3, 1), (128, 128, 28, 3, 1), (256, 256, 14, 3, 1), (512, 512, 7, 3, 1)),
    "pointwise": ((256, 64, 56, 1, 1), (128, 512, 28, 1, 1), (1024, 256, 14, 1, 1), (512, 2048, 7, 1, 1)),
    "grouped": ((128, 128, 56, 3, 32), (256, 256, 28, 3, 32), (512, 512, 14, 3, 32)),
    "depthwise": ((144, 144, 56, 3, 144), (192, 192, 28, 3, 192), (576, 576, 14, 3, 576), (384, 384, 14, 7, 384)),
    "attention": ((12, 197, 64), (6, 197, 64)),
}
CACHES = (0.5, 4.0, 24.0, 80.0)  # MiB that an operation touches
MEMORY = 240.0


@dataclass(frozen=True, slots=True)
class CalibrationPlan:
    """The measurements of a calibration. seconds: about how long all may take; caches, memory: MiB of an addition.

    half_shapes: how many shapes of each kind of work are measured in half precision, where that is slow; None for all.
    """

    seconds: float
    batch: int
    shapes: dict[WorkKind, tuple[WorkloadShape, ...]]
    caches: tuple[float, ...] = CACHES
    memory: float = MEMORY
    elements: int = 1 << 20
    half_shapes: int | None = None

    @property
    def rates(self) -> int:
        """The number of measurements of throughput."""
        return sum(len(self.shapes_of(work, dtype)) for work in WORK for dtype in DTYPES)

    def shapes_of(self, work: WorkKind, dtype: Dtype) -> tuple[WorkloadShape, ...]:
        """Return the shapes of a kind of work in a dtype."""
        shapes = self.shapes[work]
        return shapes if dtype == "float32" or self.half_shapes is None else shapes[len(shapes) - self.half_shapes :]


def plan_for(kind: str, quick: bool) -> CalibrationPlan:
    """Return the plan for a kind of device; a quick one measures one shape of each kind of work."""
    shapes = {work: SHAPES[work][1:2] if quick else SHAPES[work] for work in WORK}
    seconds = 5.0 if quick else 30.0
    if kind == "cpu":
        return CalibrationPlan(seconds, 4, shapes, half_shapes=0 if quick else 1)
    return CalibrationPlan(seconds, 64, shapes, memory=2 * MEMORY)
