"""The chart of receptive fields by depth, over the stages and against the size of the input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle, pairwise
from typing import TYPE_CHECKING

from archspec.analysis.op_depth import OpDepth, op_depths
from archspec.charts.cost import title_of
from archspec.charts.style import BAND, COLOURS, INK, SHADE, label
from archspec.errors import ChartError
from archspec.ir.graph import Graph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Points = list[tuple[int, int]]
AXES = {1: ("",), 2: ("height", "width"), 3: ("depth", "height", "width")}
CHARACTER = 0.0062  # of the chart's width: a letter above it
BROAD = 0.15  # of the chart's width: what has room for words in it
MANY_TIMES = 24  # the input's size: above it the scale is logarithmic


def receptive_field_chart(graph: Graph) -> Figure:
    """Return a chart of the receptive field of every op by depth, along each axis of each input that is a map."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    maps = [number for number, (_, given) in enumerate(graph.inputs) if given.kind == "map" and given.known]
    if not maps:
        raise ChartError(f"{graph.name} has no input that is a map, so that there is no receptive field to draw")
    depths = {number: op_depths(graph, number) for number in maps}
    figure = Figure(figsize=(11.0, 4.8), layout="constrained")
    axes = figure.subplots()
    figure.suptitle(f"{title_of(graph)}: receptive field by depth", x=0.01, ha="left", fontsize=12)
    axes.set_xlabel("depth: ops on the longest way from the input")
    axes.set_ylabel("positions of the input that one position sees")
    axes.grid(axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _bands(axes, graph, max(depths.values(), key=lambda found: max((p.depth for p in found), default=0)))
    _lines(axes, graph, depths)
    return figure


def _lines(axes: Axes, graph: Graph, depths: dict[int, tuple[OpDepth, ...]]) -> None:
    """Draw the curves, a line at each size of the input, and from where on everything is seen."""
    curves = [(name, points) for number, found in depths.items() for name, points in _curves(graph, number, found)]
    for (name, points), colour in zip(curves, cycle(COLOURS), strict=False):
        _curve(axes, points, colour, name if len(curves) > 1 else "")
    if len(curves) > 1:
        axes.legend(loc="upper left", frameon=False)
    sizes = {size for number in depths for size in graph.inputs[number][1].spatial if isinstance(size, int)}
    for size in sorted(sizes):
        axes.axhline(size, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        of_axes = ("axes fraction", "data")
        axes.annotate(f"input {size}", (1, size), (-3, 3), xycoords=of_axes, textcoords="offset points", ha="right")
    _scale(axes, max(size for _, points in curves for _, size in points), max(sizes, default=1))
    for found in depths.values():
        _everything(axes, found, _free_height(axes, sizes))


def _curves(graph: Graph, number: int, found: Sequence[OpDepth]) -> list[tuple[str, Points]]:
    """Return the points along each axis of an input; one curve if all axes are equal."""
    name, given = graph.inputs[number]
    shown = f"{name} " if len(graph.inputs) > 1 else ""
    rank = len(given.spatial)
    curves = []
    for axis, which in enumerate(AXES.get(rank, ())):
        points = [(p.depth, p.field.sizes[axis]) for p in found if p.field.sizes and len(p.field.sizes) == rank]
        curves.append((label(f"{shown}{which}".strip()), [(0, 1), *points]))
    alike = all(points == curves[0][1] for _, points in curves)
    return [(label(name), curves[0][1])] if alike else curves


def highest(points: Iterable[tuple[int, int]]) -> Points:
    """Return for each depth the largest receptive field of its ops."""
    largest: dict[int, int] = {}
    for depth, size in points:
        largest[depth] = max(size, largest.get(depth, 0))
    return sorted(largest.items())


def _curve(axes: Axes, points: Points, colour: str, name: str) -> None:
    """Draw a line along the largest at each depth, its end as a number, and dots for branches that see less."""
    top = highest(points)
    below = sorted(set(points).difference(top))
    axes.plot([depth for depth, _ in below], [size for _, size in below], ".", color=colour, markersize=3, alpha=0.5)
    depth, size = top[-1]
    axes.plot([d for d, _ in top], [s for _, s in top], color=colour, label=f"{name} {size:,}")
    axes.plot([depth], [size], "o", color=colour, markersize=5)
    if not name:  # else the legend has it: the ends of several curves may be close together
        axes.annotate(f"{size:,}", (depth, size), (-6, 6), textcoords="offset points", ha="right", color=colour)


def _scale(axes: Axes, largest: int, size: int) -> None:
    """Scale the axis to the largest and the input; in powers of two if the input would be lost at the bottom."""
    if largest > MANY_TIMES * size:
        axes.set_yscale("log", base=2)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_ylim(0.7, 2.0 * largest)
    else:
        axes.set_ylim(0, 1.08 * max(largest, size))


def _free_height(axes: Axes, sizes: Iterable[int]) -> float:
    """Return a height of the chart (0: bottom, 1: top) at which no line of an input's size is in the way of text."""
    to_height = axes.transData + axes.transAxes.inverted()
    taken = [float(to_height.transform((0.0, size))[1]) for size in sizes]
    heights = (0.04, 0.14, 0.24, 0.34)
    return next((h for h in heights if all(h + 0.06 < line or line + 0.06 < h for line in taken)), 0.44)


def _everything(axes: Axes, found: Sequence[OpDepth], height: float) -> None:
    """Mark from where on every op sees all of the input, or at most all of it."""
    seen = [p.depth for p in found if p.field.sizes is None]
    if not seen:
        return
    exact = all(p.field.exact for p in found if p.field.sizes is None)
    text = "sees everything" if exact else "sees everything at most"
    first, last, (_, right) = min(seen) - 0.5, max(seen) + 0.5, axes.get_xlim()
    axes.axvspan(first, last, facecolor=SHADE, linewidth=0, zorder=0.5)
    inside = (last - first) / right > BROAD
    place = (first + last) / 2 if inside else first
    axes.annotate(
        text if inside else f"{text} →", (place, height), (0 if inside else -4, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="center" if inside else "right",
    )  # fmt: skip


def bands(sections: int, found: Iterable[OpDepth]) -> list[tuple[int, int]]:
    """Return for each row of the table its depths: from the end of the row before it to its deepest op."""
    deepest = [0] * sections
    for point in found:
        deepest[point.section] = max(deepest[point.section], point.depth)
    ends = [0]
    for end in deepest:
        ends.append(max(end, ends[-1]))
    return list(pairwise(ends))


def _bands(axes: Axes, graph: Graph, found: Sequence[OpDepth]) -> None:
    """Draw the stages as bands, with their names above."""
    whole = max((point.depth for point in found), default=1)
    axes.set_xlim(0, 1.01 * whole + 1)
    for number, (first, last) in enumerate(bands(len(graph.sections), found)):
        if number % 2:
            axes.axvspan(first + 0.5, last + 0.5, color=BAND, linewidth=0, zorder=0)
        text = _fitting(graph.sections[number].name, (last - first) / whole)
        where = ((first + last + 1) / 2, 1.01)
        axes.annotate(text, where, xycoords=("data", "axes fraction"), ha="center", fontsize=8)


def _fitting(name: str, width: float) -> str:
    """Return as much of a stage's name as fits above its band: all, the last segment, or ""."""
    texts = (label(name), label(name.rpartition(".")[2]), "")
    return next(text for text in texts if CHARACTER * (len(text) + 1) <= width or not text)
