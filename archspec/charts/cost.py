"""The chart of costs by stage: parameters, MACs and the memory of activations, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from archspec.analysis.cost import Cost
from archspec.analysis.format_numbers import format_bytes, format_count, format_share
from archspec.analysis.summary import Summary, summarize
from archspec.charts.style import COLOURS, INK, PALE, label
from archspec.errors import ChartError
from archspec.ir.graph import Graph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS: tuple[tuple[str, Callable[[int], str], Callable[[Cost], int]], ...] = (
    ("parameters", format_count, lambda cost: cost.params),
    ("MACs", format_count, lambda cost: cost.macs),
    ("activations in float32", format_bytes, lambda cost: cost.output_bytes),
)
ROW, MARGIN, WIDTH = 0.27, 1.25, 11.0  # inches
MOST_ROWS = 400


def cost_chart(graph: Graph) -> Figure:
    """Return a chart with a bar for each row of the table in each of three panels, with its share of the whole."""
    from matplotlib.figure import Figure

    summary = summarize(graph)
    if len(summary.rows) > MOST_ROWS:
        hint = "group them in `sequence`s, or take `archspec summarize`"
        raise ChartError(
            f"{len(summary.rows):,} stages are more than the {MOST_ROWS} that a chart has room for: {hint}"
        )
    figure = Figure(figsize=(WIDTH, MARGIN + ROW * len(summary.rows)), layout="constrained")
    figure.suptitle(f"{title_of(graph)}: cost by stage, one sample", x=0.01, ha="left", fontsize=12)
    for number, axes in enumerate(figure.subplots(1, len(PANELS), sharey=True)):
        _panel(axes, summary, number)
    names = [label(row.path) for row in summary.rows]
    first = figure.axes[0]
    first.set_yticks(range(len(names)), names)
    first.set_ylim(len(names) - 0.4, -0.6)  # the stem is on top
    return figure


def title_of(graph: Graph) -> str:
    """Return the network and its variant."""
    return label(graph.name + (f":{graph.variant}" if graph.variant else ""))


def _panel(axes: Axes, summary: Summary, number: int) -> None:
    name, show, figure_of = PANELS[number]
    costs = [figure_of(row.cost) for row in summary.rows]
    total, largest = figure_of(summary.total), max([*costs, 1])
    axes.barh(range(len(costs)), costs, height=0.68, color=COLOURS[number])
    axes.set_title(f"{name}   {'≥ ' if summary.total.unknown else ''}{show(total)}", loc="left")
    axes.set_xlim(0, largest * 1.42)  # room for what is written behind the bars
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    for place, text in enumerate(_bar_labels(summary, costs, total, show)):
        axes.annotate(
            text, (costs[place], place), (4, 0), textcoords="offset points", va="center", fontsize=8, color=_ink(text)
        )


def _bar_labels(summary: Summary, costs: list[int], total: int, show: Callable[[int], str]) -> list[str]:
    """Return the text behind each bar: the figure, and its share of a known total; `?` for unknown shapes."""
    texts = []
    for row, cost in zip(summary.rows, costs, strict=True):
        share = "" if summary.total.unknown or not cost else f"   {format_share(cost, total)}"
        texts.append("?" if row.cost.unknown else f"{show(cost)}{share}")
    return texts


def _ink(text: str) -> str:
    return PALE if text == "0" else INK
