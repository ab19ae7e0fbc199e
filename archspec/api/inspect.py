"""Show designs: the table, pictures, charts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, overload

from archspec.design import Design, to_graph

if TYPE_CHECKING:
    from archspec.analysis.summary import Level, Summary
    from archspec.diagnostics import Diagnostic
    from archspec.views.draw import Direction, Figure, PictureFormat, TextFormat

    ChartFormat = Literal["svg", "png"]


def summarize(
    design: Design, variant: str | None = None, *, level: Level = "stage", saved: bool = True, **params: Any
) -> Summary:
    """Return the table of a network: shapes, parameters, MACs and output bytes of one sample.

    level: what a row is: `stage` (stem, each stage, head), `block` (calls and loose ops) or `op`.
    saved: add the bytes that each row keeps for the backward pass, where they can be known; each op is traced for that.
    """
    from archspec.analysis.summary import summarize

    graph = to_graph(design, variant, params)
    summary = summarize(graph, level)
    if not saved:
        return summary
    from archspec.analysis.memory.saved_by_row import with_saved_bytes

    return with_saved_bytes(graph, summary)


@overload
def draw(
    design: Design,
    variant: str | None = ...,
    *,
    level: Level = ...,
    format: PictureFormat = ...,
    open: Iterable[str] = ...,
    color: Figure = ...,
    direction: Direction = ...,
    diagnostics: Iterable[Diagnostic] = ...,
    time_limit: float | None = ...,
    **params: Any,
) -> bytes: ...
@overload
def draw(
    design: Design,
    variant: str | None = ...,
    *,
    level: Level = ...,
    format: TextFormat,
    open: Iterable[str] = ...,
    color: Figure = ...,
    direction: Direction = ...,
    diagnostics: Iterable[Diagnostic] = ...,
    time_limit: float | None = ...,
    **params: Any,
) -> str: ...
@overload
def draw(
    design: Design,
    variant: str | None = ...,
    *,
    level: Level = ...,
    format: PictureFormat | TextFormat,
    open: Iterable[str] = ...,
    color: Figure = ...,
    direction: Direction = ...,
    diagnostics: Iterable[Diagnostic] = ...,
    time_limit: float | None = ...,
    **params: Any,
) -> bytes | str: ...
def draw(
    design: Design,
    variant: str | None = None,
    *,
    level: Level = "block",
    format: PictureFormat | TextFormat = "svg",
    open: Iterable[str] = (),
    color: Figure = "",
    direction: Direction = "down",
    diagnostics: Iterable[Diagnostic] = (),
    time_limit: float | None = 60.0,
    **params: Any,
) -> bytes | str:
    """Return a picture: the bytes of svg, png or pdf, or the text of dot, mmd, html or json.

    level: what a box is: stage, block or op.
    open: the paths of stages and blocks that are divided further.
    color: the figure by which boxes are coloured: params, macs, memory (of outputs) or receptive-field.
    diagnostics: the findings of a broken design, shown at the layers that failed.
    time_limit: seconds for the layout of svg, png and pdf, which runs in another process unless it is small; None for
        no limit, and this process.

    Raises PictureError where the layout fails or takes too long, OpenPathError for a path in `open` that is none.
    """
    from archspec.views.draw import draw

    return draw(
        to_graph(design, variant, params),
        level,
        format,
        open=open,
        color=color,
        direction=direction,
        diagnostics=diagnostics,
        time_limit=time_limit,
    )


def plot(
    design: Design,
    variant: str | None = None,
    *,
    kind: Literal["cost", "receptive-field"] = "cost",
    format: ChartFormat = "svg",
    **params: Any,
) -> bytes:
    """Return a chart as svg or png.

    kind: `cost` (parameters, MACs and memory of each stage) or `receptive-field` (by depth).

    Raises MissingDependencyError without matplotlib, ChartError where there is nothing to draw.
    """
    from archspec.charts.plotting import plot

    return plot(to_graph(design, variant, params), kind, format)
