"""Shared measurement: rivals run in turn, so that a busy machine slows all alike; tables of ratios."""

from __future__ import annotations

import gc
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from time import process_time
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of a table: archspec's time, the other's, their ratio, and what the ratio should be."""

    what: str
    ours: float
    theirs: float
    target: str = ""

    @property
    def value(self) -> float:
        return self.ours / self.theirs


def interleaved(rivals: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 1) -> dict[str, list[float]]:
    """Return the seconds of every run; in each round the rivals run one after the other, each round from another one.

    Objects from before the runs are frozen: no rival pays for the collection of another's.
    """
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in rivals}
    names = list(rivals)
    for number in range(-warm_up, rounds):
        # Another first in each round: what precedes a run (caches, clock) affects it.
        for name in names[number % len(names) :] + names[: number % len(names)]:
            seconds = timed(rivals[name])
            if number >= 0:
                times[name].append(seconds)
    return times


def timed(run: Callable[[], object]) -> float:
    """Return the processor time of one run; what it returns is released after the clock has stopped.

    Of this process and the children that it has waited for; other work on the machine changes it little.
    """
    start = _processor_time()
    result = run()
    seconds = _processor_time() - start
    del result
    return seconds


def _processor_time() -> float:
    children = os.times()
    return process_time() + children.children_user + children.children_system


def repeated(run: Callable[[], object], calls: int) -> Callable[[], None]:
    """Return a run of several calls, for what is too quick to be timed alone."""

    def several() -> None:
        for _ in range(calls):
            run()

    return several


def ratio_of(what: str, times: Mapping[str, list[float]], ours: str, theirs: str, target: str = "") -> Ratio:
    """Return the ratio of two rivals' medians."""
    return Ratio(what, median(times[ours]), median(times[theirs]), target)


def torchvision_models() -> ModuleType:
    """Return torchvision's models, also where its compiled operators do not fit the installed torch."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    import_module("tests.parity.torchvision_stub")  # declares what torchvision asks for when it is imported
    return import_module("torchvision.models")


def report(title: str, rows: list[Ratio], note: str = "") -> None:
    """Print a section of Markdown: the table, and how it was measured."""
    print(f"### {title}\n")
    print("| measured | archspec | the other | archspec / other | target |")
    print("|---|---:|---:|---:|---|")
    for row in rows:
        print(f"| {row.what} | {_time(row.ours)} | {_time(row.theirs)} | {_ratio(row.value)} | {row.target} |")
    print(f"\n{note}\n" if note else "")


def machine() -> str:
    """Return the kind of machine, without its name."""
    import torch

    return f"{os.cpu_count()} cores, Python {platform.python_version()}, torch {torch.__version__}"


def _time(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _ratio(value: float) -> str:
    return f"{value:.3f}" if value >= 0.1 else f"1 / {1 / value:.0f}"
