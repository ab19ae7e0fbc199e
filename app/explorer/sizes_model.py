"""Input sizes as their page shows them: strips of sizes, a verdict on some, and the cost at others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import archspec

Optimizer = Literal["sgd", "momentum", "adamw"]
Dtype = Literal["float32", "bfloat16", "float16"]
WORKS, LOSES, FAILS = "works", "works, but pixels are left out", "does not work"
STATES = (WORKS, LOSES, FAILS)
BEFORE, SHOWN = 32, 65  # sizes before the one checked, and in the whole strip
FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class SizeCell:
    """One size of an axis, and whether it works."""

    size: int
    state: str


@dataclass(frozen=True, slots=True)
class CostPoint:
    """The cost at one size of the inputs: MACs of one sample, and the peak of a training step in bytes."""

    label: str
    sizes: tuple[int, ...]
    params: int
    macs: int
    peak: int | None


def state_of(axis: Any, size: int) -> str:
    """Return whether a size of one axis works."""
    if size not in axis.sizes:
        return FAILS
    return WORKS if size in axis.lossless else LOSES


def strip(axis: Any, around: int) -> list[SizeCell]:
    """Return the sizes around one, each with whether it works."""
    first = max(1, around - BEFORE)
    return [SizeCell(size, state_of(axis, size)) for size in range(first, first + SHOWN)]


def verdict(sizes: archspec.ValidSizes, chosen: Sequence[int]) -> tuple[str, str]:
    """Return whether these sizes work together, as a state and in words, with the nearest that do if they do not."""
    label = "×".join(map(str, chosen))
    wrong = [_wrong(axis, size) for axis, size in zip(sizes.axes, chosen, strict=True) if size not in axis.sizes]
    if wrong:
        return FAILS, f"{label} does not work: " + "; ".join(wrong)
    if not sizes.contains(*chosen):
        return FAILS, f"{label} does not work: each of the sizes works with another, but not these together"
    losing = [axis.name for axis, size in zip(sizes.axes, chosen, strict=True) if size not in axis.lossless]
    if losing:
        where = " and ".join(dict.fromkeys(losing))
        return LOSES, f"{label} works, but some layer leaves out the last pixels along {where}"
    return WORKS, f"{label} works, and no pixel is left out"


def _wrong(axis: Any, size: int) -> str:
    near = axis.nearest(size)
    return f"{axis.name} {size}" + (
        f", the nearest that works: {' or '.join(map(str, near))}" if near else ": none does"
    )


def candidates(sizes: archspec.ValidSizes) -> list[tuple[int, ...]]:
    """Return working sizes from half to twice the declared ones, the smallest first."""
    found = set()
    for factor in FACTORS:
        chosen = tuple(_near(axis, round(axis.declared * factor)) for axis in sizes.axes)
        if sizes.contains(*chosen):
            found.add(chosen)
    return sorted(found)


def _near(axis: Any, size: int) -> int:
    """Return the nearest working size, preferably one at which no pixels are left out."""
    for among in (axis.lossless, axis.sizes):
        near = among.nearest(max(1, size))
        if near:
            return int(min(near, key=lambda n: (abs(n - size), n)))
    return max(1, size)


def cost_curve(
    spec: archspec.Spec,
    graph: archspec.Graph,
    sizes: archspec.ValidSizes,
    batch: int,
    optimizer: Optimizer,
    dtype: Dtype,
) -> list[CostPoint]:
    """Return the cost of the design when it is declared at other sizes."""
    return [_point(spec, graph, sizes, chosen, batch, optimizer, dtype) for chosen in candidates(sizes)]


def _point(
    spec: archspec.Spec,
    graph: archspec.Graph,
    sizes: archspec.ValidSizes,
    chosen: tuple[int, ...],
    batch: int,
    optimizer: Optimizer,
    dtype: Dtype,
) -> CostPoint:
    shapes: dict[str, list[Any]] = {name: list(x.shape) for name, x in graph.inputs}
    for axis, size in zip(sizes.axes, chosen, strict=True):
        shapes[axis.input][axis.index] = size
    # with_input takes the shape of an only input, or shapes by name.
    shape = shapes if len(shapes) > 1 else next(iter(shapes.values()))
    lowered = archspec.lower(archspec.with_input(spec, shape))
    summary = archspec.summarize(lowered)
    try:
        peak = archspec.memory(lowered, batch=batch, optimizer=optimizer, dtype=dtype).peak
    except ValueError:
        peak = None
    return CostPoint("×".join(map(str, chosen)), chosen, summary.params, summary.macs, peak)
