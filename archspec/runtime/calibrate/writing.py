"""Measurements as the text of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archspec.analysis.latency.profile import PRECISIONS, WORK, Precision
from archspec.ir.op import WorkKind
from archspec.source.emit_scalar import emit_text


@dataclass(frozen=True, slots=True)
class Measurements:
    """The figures of a calibration: operations and bytes a second (of caches by MiB touched), seconds of a launch.

    backward: how many times as long as a kind of work the product for one of its gradients takes.
    """

    name: str
    torch: str
    rates: dict[WorkKind, dict[Precision, float]]
    backward: dict[WorkKind, float]
    elementwise: float
    pooling: float
    bandwidth: float
    caches: tuple[tuple[float, float], ...]
    launch: float
    launch_convolution: float
    overlaps: bool


def profile_text(figures: Measurements) -> str:
    """Return the file; the peak of a precision is the most that any kind of work reached."""
    # The format has peaks, which is what vendors publish, and efficiencies; their product is the measured rate again.
    peaks = {
        precision: max(rates[precision] for rates in figures.rates.values() if precision in rates)
        for precision in PRECISIONS
        if any(precision in rates for rates in figures.rates.values())
    }
    lines = [
        "# Measured by `archspec calibrate`: what eager torch reached, and not what the device could do at most.",
        f"name: {emit_text(figures.name)}",
        f"source: {emit_text(f'archspec calibrate, torch {figures.torch}')}",
        f"peak_teraflops: {_mapping({name: peak / 1e12 for name, peak in peaks.items()})}",
        "efficiency:",
        *(f"  {work}: {_mapping(_shares(figures.rates.get(work, {}), peaks))}" for work in WORK),
        f"backward: {_mapping(figures.backward)}",
        f"elementwise_teraflops: {_figure(figures.elementwise / 1e12)}",
        f"pooling_teraflops: {_figure(figures.pooling / 1e12)}",
        "memory:",
        f"  gigabytes_per_second: {_figure(figures.bandwidth / 1e9)}",
        *_caches(figures.caches),
        "launch:",
        f"  microseconds: {_figure(figures.launch * 1e6)}",
        f"  convolution_microseconds: {_figure(figures.launch_convolution * 1e6)}",
        f"  overlaps: {'true' if figures.overlaps else 'false'}",
    ]
    return "\n".join(lines) + "\n"


def _shares(rates: dict[Precision, float], peaks: dict[Precision, float]) -> dict[Precision, float]:
    return {name: rates[name] / peak for name, peak in peaks.items() if name in rates}


def _mapping(numbers: Mapping[Precision, float] | Mapping[WorkKind, float]) -> str:
    return "{" + ", ".join(f"{name}: {_figure(number)}" for name, number in numbers.items()) + "}"


def _caches(caches: tuple[tuple[float, float], ...]) -> list[str]:
    if not caches:
        return []
    items = (
        f"    - {{mebibytes: {_figure(size)}, gigabytes_per_second: {_figure(rate / 1e9)}}}" for size, rate in caches
    )
    return ["  caches:", *items]


def _figure(number: float) -> str:
    """Return the number with four significant digits, without an exponent."""
    digits = max(0, 3 - _exponent(number))
    return f"{number:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{number:.0f}"


def _exponent(number: float) -> int:
    return int(f"{number:e}".partition("e")[2])
