"""Draw a Graph, as bytes or as text: `archspec.draw`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from archspec.diagnostics import Diagnostic
from archspec.ir.graph import Graph
from archspec.views.colours import SCALES
from archspec.views.dot import render_dot
from archspec.views.layout import TIME_LIMIT, render
from archspec.views.mermaid import render_mermaid
from archspec.views.node_link import to_node_link_json
from archspec.views.page.html import render_page
from archspec.views.view import view_of

PictureFormat = Literal["svg", "png", "pdf"]
TextFormat = Literal["dot", "mmd", "html", "json"]
Direction = Literal["down", "right"]
Figure = Literal["", "params", "macs", "memory", "receptive-field"]
DRAWN: tuple[PictureFormat, ...] = get_args(PictureFormat)
FORMATS: tuple[PictureFormat | TextFormat, ...] = (*DRAWN, *get_args(TextFormat))
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


def draw(
    graph: Graph,
    level: str = "block",
    format: str = "svg",
    *,
    open: Iterable[str] = (),
    color: str = "",
    direction: str = "down",
    diagnostics: Iterable[Diagnostic] = (),
    time_limit: float | None = TIME_LIMIT,
) -> bytes | str:
    """Return a picture at `stage`, `block` or `op` level: bytes of svg, png or pdf, or text of dot, mmd, html or json.

    `open`: the paths of stages and blocks to expand. `color`: the figure that colours the boxes and is written in them:
    params, macs, memory (of outputs) or receptive-field. The codes of `diagnostics` are
    written at the layers of a broken design that failed. PictureError is raised when the layout of an svg, png or pdf
    takes longer than `time_limit` seconds; None sets no limit.
    """
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is one of {', '.join(DIRECTIONS)}, not {direction!r}")
    if color and color not in SCALES:
        raise ValueError(f"color is one of {', '.join(SCALES)}, not {color!r}")
    if format == "html":
        return render_page(graph, level, open, color, diagnostics)
    view = view_of(graph, level, diagnostics, open)
    if format == "json":
        return to_node_link_json(view)
    if format == "mmd":
        return render_mermaid(view, direction, color)
    source = render_dot(view, direction, color)
    return source if format == "dot" else render(source, format, time_limit)
