"""The public draw: a Graph to a picture, as bytes or as text."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic
from archspec.ir.graph import Graph
from archspec.views.dot import RANKDIR, dot_of
from archspec.views.layout import render
from archspec.views.mermaid import mermaid_of
from archspec.views.node_link import json_of
from archspec.views.view import view_of

DRAWN = ("svg", "png", "pdf")
FORMATS = (*DRAWN, "dot", "mmd", "json")
DIRECTIONS = tuple(RANKDIR)


def draw(
    graph: Graph,
    level: str = "block",
    format: str = "svg",
    *,
    direction: str = "down",
    diagnostics: Iterable[Diagnostic] = (),
) -> bytes | str:
    """A picture at `stage`, `block` or `op` level: bytes of svg, png or pdf, or the text of dot, mmd or json.

    The codes of `diagnostics` stand at the layers of a broken design that failed.
    """
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is one of {', '.join(DIRECTIONS)}, not {direction!r}")
    view = view_of(graph, level, diagnostics)
    if format == "json":
        return json_of(view)
    if format == "mmd":
        return mermaid_of(view, direction)
    source = dot_of(view, direction)
    return source if format == "dot" else render(source, format)
