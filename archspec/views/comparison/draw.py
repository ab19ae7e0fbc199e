"""Draw two networks side by side, as bytes or as DOT: `archspec.draw_diff`."""

from __future__ import annotations

from archspec.analysis.summary import LEVELS
from archspec.comparison.compare import compare_designs
from archspec.comparison.difference import Difference
from archspec.design import Design
from archspec.ir.graph import Graph
from archspec.views.comparison.dot import render_difference_dot
from archspec.views.draw import DRAWN
from archspec.views.layout import TIME_LIMIT, render

FORMATS = (*DRAWN, "dot")


def draw_diff(
    before: Design,
    after: Design,
    level: str = "block",
    format: str = "svg",
    *,
    time_limit: float | None = TIME_LIMIT,
) -> bytes | str:
    """Return two networks side by side, what differs in colour: bytes of svg, png or pdf, or text of dot.

    `before` and `after` are those of `diff`. Added is green, removed red, changed amber with a note, moved dashed.
    `level` and `time_limit` are those of `draw`. Raises SpecError for a spec that is wrong.
    """
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    if level not in LEVELS:
        raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r}")
    return render_difference(*compare_designs(before, after), level, format, time_limit)


def render_difference(
    before: Graph, after: Graph, difference: Difference, level: str, form: str, time_limit: float | None
) -> bytes | str:
    """Return the picture of a known difference."""
    source = render_difference_dot(before, after, difference, level)
    return source if form == "dot" else render(source, form, time_limit)
