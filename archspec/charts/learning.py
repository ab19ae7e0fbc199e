"""The chart of learning checks: the loss by step, and the metric on held-out data, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from math import fsum
from typing import TYPE_CHECKING, Any

from archspec.charts.style import COLOURS, INK, label, save_figure, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LearnCheck = Mapping[str, Any]  # what LearnReport.to_dict() gives
SMOOTH = 40  # a line is the mean of so many parts of all steps
DASHES = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 2, 1, 2)))


def learning_chart(checks: Sequence[LearnCheck], form: str = "svg") -> bytes:
    """Return a chart of learning checks on the same data: a colour for each design, a dash for each seed."""
    with settings():
        return save_figure(_chart(checks), form)


def _chart(checks: Sequence[LearnCheck]) -> Figure:
    from matplotlib.figure import Figure

    first = checks[0]
    figure = Figure(figsize=(11.0, 4.2), layout="constrained")
    training = f"{first['optimizer']} {first['learning_rate']:g}, batch {first['batch']}"
    names = list(dict.fromkeys(_name(check) for check in checks))
    figure.suptitle(f"{label(', '.join(names))} on {first['data']}, {training}", x=0.01, ha="left", fontsize=12)
    loss, metric = figure.subplots(1, 2)
    seeds = list(dict.fromkeys(check["seed"] for check in checks))
    for check in checks:
        colour = COLOURS[names.index(_name(check)) % len(COLOURS)]
        dash = dict(zip(seeds, cycle(DASHES), strict=False))[check["seed"]]
        legend = label(_name(check)) + (f", seed {check['seed']}" if len(seeds) > 1 else "")
        _draw(loss, metric, check, {"color": colour, "linestyle": dash, "label": legend})
    _finish(loss, metric, checks)
    return figure


def _name(check: LearnCheck) -> str:
    return str(check["variant"] or check["name"])


def _draw(loss: Axes, metric: Axes, check: LearnCheck, style: dict[str, Any]) -> None:
    """Draw the losses pale with their means on top, and the evaluations with a dot at each."""
    losses: Sequence[float] = check["losses"]
    if len(losses) > SMOOTH:
        loss.plot(range(1, len(losses) + 1), losses, color=style["color"], linewidth=0.5, alpha=0.25)
    middles = binned(losses, SMOOTH)
    loss.plot([step for step, _ in middles], [mean for _, mean in middles], **style)
    found = check["evaluations"]
    metric.plot([e["step"] for e in found], [e["value"] for e in found], marker=".", **style)


def binned(losses: Sequence[float], count: int) -> list[tuple[float, float]]:
    """Divide the steps into `count` stretches (at most one for each step); return the middle and mean loss of each."""
    count = min(count, len(losses))
    ends = [len(losses) * number // count for number in range(count + 1)] if count else []
    return [((first + 1 + end) / 2, fsum(losses[first:end]) / (end - first)) for first, end in pairwise(ends)]


def _finish(loss: Axes, metric: Axes, checks: Sequence[LearnCheck]) -> None:
    first = checks[0]
    loss.set_ylabel("loss (cross-entropy)")
    loss.set_ylim(bottom=0)
    metric.set_ylabel(f"{first['metric']} on {first['held_out']:,} examples held out")
    for axes in (loss, metric):
        axes.set_xlabel("step")
        axes.set_xlim(left=0)
        axes.grid(axis="y")
    if first["baseline"] is not None:
        metric.axhline(first["baseline"], color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        metric.annotate(
            first["baseline_is"], (1, first["baseline"]), (-3, 4), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", fontsize=8,
        )  # fmt: skip
    if len(checks) > 1:
        loss.legend(loc="upper right", frameon=False)
