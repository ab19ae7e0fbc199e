"""The memory of a training step, op by op: forward, backward and the optimizer's step."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from archspec.analysis.format_numbers import format_bytes
from archspec.analysis.memory.predict import Memory
from archspec.charts.style import BAND, COLOURS, INK, PALE, SHADE, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNITS = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "bytes"))
PLAIN = (1, 2, 2.5, 5, 10)  # ticks are multiples of these


def memory_chart(found: Memory) -> Figure:
    """Return a chart of the most bytes alive in each op, in order of execution, with the peak and its op."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(11.0, 4.8), layout="constrained")
    axes = figure.subplots()
    name = label(found.name + (f":{found.variant}" if found.variant else ""))
    how = f"batch {found.batch:,}, {found.dtype}, {found.optimizer}, {found.device}"
    figure.suptitle(f"{name}: memory of a training step, {how}", x=0.01, ha="left", fontsize=12)
    factor, unit = next((size, unit) for size, unit in UNITS if found.peak >= size)
    sizes = [moment.bytes / factor for moment in found.timeline]
    axes.fill_between(range(len(sizes)), sizes, step="mid", color=COLOURS[0], alpha=0.35, linewidth=0)
    axes.step(range(len(sizes)), sizes, where="mid", color=COLOURS[0], linewidth=1.2)
    axes.set_xlim(-0.5, len(sizes) - 0.5)
    axes.set_ylim(0, 1.16 * found.peak / factor)
    axes.set_xlabel("ops in the order in which they run")
    axes.set_ylabel(unit)
    axes.grid(axis="y")
    axes.yaxis.set_major_locator(MaxNLocator(steps=PLAIN))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _phases(axes, found)
    _always(axes, found, factor)
    _peak(axes, found, factor)
    return figure


def _phases(axes: Axes, found: Memory) -> None:
    """Draw forward and backward as bands with their names above."""
    start = 0
    for number, (phase, moments) in enumerate(groupby(found.timeline, key=lambda moment: moment.phase)):
        length = len(list(moments))
        if number % 2:
            axes.axvspan(start - 0.5, start + length - 0.5, color=BAND, linewidth=0, zorder=0)
        if phase != "step":  # one moment, too narrow for words
            middle = (start + (length - 1) / 2, 1.01)
            axes.annotate(phase, middle, xycoords=("data", "axes fraction"), ha="center")
        start += length


def _always(axes: Axes, found: Memory, factor: int) -> None:
    """Mark the memory that is always alive: parameters, buffers and optimizer state."""
    size = found.parameters + found.buffers + found.optimizer_state
    axes.axhspan(0, size / factor, color=SHADE, linewidth=0, zorder=0.7)
    axes.axhline(size / factor, color=PALE, linewidth=0.9, linestyle=(0, (4, 3)))
    text = f"parameters, buffers and optimizer {format_bytes(size)}"
    axes.annotate(text, (0, size / factor), (4, 3), textcoords="offset points", color=INK)


def _peak(axes: Axes, found: Memory, factor: int) -> None:
    """Mark the peak, with its op."""
    place = next(number for number, moment in enumerate(found.timeline) if moment.bytes == found.peak)
    where = f"{found.peak_phase} of {label(found.peak_path)}" if found.peak_path else "the optimizer's step"
    right = place > len(found.timeline) / 2
    point = (place, found.peak / factor)
    axes.plot(*point, "o", color=COLOURS[1], markersize=5)
    text = f"peak {format_bytes(found.peak)}: {where}"
    side = "right" if right else "left"
    axes.annotate(text, point, (-6 if right else 6, 6), textcoords="offset points", ha=side, color=COLOURS[1])
