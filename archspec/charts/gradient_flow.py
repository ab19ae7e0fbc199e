"""Norms of gradients and of activations by depth, at the start and at the end, with and without shortcuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.analysis.gradient_flow import FlowMoment, FlowRun, GradientFlow
from archspec.charts.style import COLOURS, FORMATS, label, save_figure, settings
from archspec.dependencies import require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROWS = ("weight gradient, L2 norm", "output, L2 norm")
WIDTH, HEIGHT, NARROW = 6.4, 3.0, 1.4  # inches: of a panel, and what a chart of one column has more


def plot_gradient_flow(flow: GradientFlow, format: str = "svg") -> bytes:
    """Return the chart of a GradientFlow as svg or png; raises MissingDependencyError without matplotlib."""
    if not isinstance(flow, GradientFlow):
        raise TypeError(f"plot_gradient_flow() takes a GradientFlow, not {type(flow).__name__}")
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    require_matplotlib()
    with settings():
        return save_figure(_chart(flow), format)


def _chart(flow: GradientFlow) -> Figure:
    """Return a figure with two panels for each moment of any run."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    steps = sorted({moment.step for run in flow.runs for moment in run.moments})
    width = WIDTH * len(steps) + (NARROW if len(steps) == 1 else 0)
    figure = Figure(figsize=(width, HEIGHT * len(ROWS)), layout="constrained")
    name = label(flow.name + (f":{flow.variant}" if flow.variant else ""))
    how = f"init {flow.init}, seed {flow.seed}, batch {flow.batch}"
    figure.suptitle(f"{name}: gradient flow, {how}", x=0.01, ha="left", fontsize=12)
    panels = figure.subplots(len(ROWS), len(steps), sharex=True, sharey="row", squeeze=False)
    for column, step in enumerate(steps):
        for row, name in enumerate(ROWS):
            _panel(panels[row][column], flow, step, row)
            if column == 0:
                panels[row][column].set_ylabel(name)
        panels[0][column].set_title("at the start" if step == 0 else f"after {_steps(step)} of SGD", loc="left")
        panels[-1][column].set_xlabel(_axis(flow))
        panels[-1][column].xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _panel(axes: Axes, flow: GradientFlow, step: int, row: int) -> None:
    """Draw one kind of norm at one moment, a curve for each run; layers on shortcuts as dots."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(lambda _value, _: "")
    axes.grid(axis="y")
    for run, colour in zip(flow.runs, COLOURS, strict=False):
        moment = next((moment for moment in run.moments if moment.step == step), None)
        if moment is None:
            if row == 0:
                axes.plot(
                    [], [], color=colour, label=_name(run) + f": loss not finite after {_steps(run.stopped or 0)}"
                )
            continue
        figures = moment.gradients if row == 0 else moment.activations
        axes.plot(*_points(run, figures, False), color=colour, label=_legend(run, moment) if row == 0 else _name(run))
        axes.plot(*_points(run, figures, True), ".", color=colour, alpha=0.5)
    axes.legend(loc="best", frameon=False)


def _points(run: FlowRun, figures: Sequence[float | None], on_shortcut: bool) -> tuple[list[int], list[float]]:
    """Return the layers on shortcuts, or those on the main path; zero and unknown are NaN, a gap in the curve."""
    chosen = [(layer.depth, figure) for layer, figure in zip(run.layers, figures, strict=True)
              if layer.on_shortcut == on_shortcut]  # fmt: skip
    return [depth for depth, _ in chosen], [figure or float("nan") for _, figure in chosen]


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def _axis(flow: GradientFlow) -> str:
    aside = any(layer.on_shortcut for run in flow.runs for layer in run.layers)
    more = "; dots: layers on shortcuts" if aside else ""
    return f"convolution or linear layer, in order of execution{more}"


def _name(run: FlowRun) -> str:
    return "with its shortcuts" if run.shortcuts else "without"


def _legend(run: FlowRun, moment: FlowMoment) -> str:
    """Return the name of a run with its ratio, if known."""
    if moment.loss is None:
        return f"{_name(run)}: loss not finite"
    ratio = run.ratio(moment)
    return _name(run) + ("" if ratio is None else f": first to last {ratio:.3g}")
