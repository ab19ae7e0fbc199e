"""The public plots: a Graph, or the memory predicted of it, to a chart, as bytes."""

from __future__ import annotations

from archspec.analysis.memory.predict import Memory
from archspec.charts.style import FORMATS, save_figure, settings
from archspec.dependencies import require_matplotlib
from archspec.ir.graph import Graph

KINDS = ("cost", "receptive-field")


def plot(graph: Graph, kind: str = "cost", format: str = "svg") -> bytes:
    """Return a chart as svg or png: the cost of each stage, or the receptive field by depth.

    Raises MissingDependencyError without matplotlib, ChartError where there is nothing to draw.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    require_matplotlib()
    from archspec.charts.cost import cost_chart
    from archspec.charts.depth import receptive_field_chart

    with settings():
        chart = cost_chart if kind == "cost" else receptive_field_chart
        return save_figure(chart(graph), format)


def plot_memory(found: Memory, format: str = "svg") -> bytes:
    """Return the memory of a training step, op by op, as a chart (svg or png).

    Raises MissingDependencyError without matplotlib.
    """
    if not isinstance(found, Memory):
        raise TypeError(f"plot_memory() takes what archspec.memory(graph) gives, not {type(found).__name__}")
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    require_matplotlib()
    from archspec.charts.memory import memory_chart

    with settings():
        return save_figure(memory_chart(found), format)
