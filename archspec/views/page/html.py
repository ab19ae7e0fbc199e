"""Render the page as one file with its data, scripts and style, which fetches nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template

from archspec.diagnostics import Diagnostic
from archspec.ir.graph import Graph
from archspec.views.colours import DARK, LIGHT, SCALES
from archspec.views.open_paths import resolve_open_paths
from archspec.views.page.receptive_fields import page_receptive_fields
from archspec.views.page.tree import page_data
from archspec.views.palette import COLOURS, DASHED, GREY, RED

SCRIPTS = ("labels.js", "layout.js", "routing.js", "drawing.js", "page.js", "events.js")
FIGURES = tuple(SCALES)
LEVELS = ("stage", "block", "op")


def render_page(
    graph: Graph, level: str, opened: Iterable[str] = (), colour: str = "", errors: Iterable[Diagnostic] = ()
) -> str:
    """Return the page of a Graph; `level` and `opened` determine what is open at first."""
    paths = sorted(resolve_open_paths(graph, opened))
    title = graph.name + (f":{graph.variant}" if graph.variant else "")
    data = {
        **page_data(graph, errors),
        **page_receptive_fields(graph),
        "level": level,
        "opened": paths,
        "colour": colour,
        "colours": dict(COLOURS),
        "dashed": list(DASHED),
        "grey": GREY,
        "red": RED,
        "light": list(LIGHT),
        "dark": list(DARK),
    }
    script = "\n".join(_text(name) for name in SCRIPTS)
    return Template(_text("page.html")).substitute(
        title=escape("".join(c if c.isprintable() else "�" for c in title)),
        style=_text("page.css"),
        levels=_options((name, name) for name in LEVELS),
        figures=_options((("", "nothing"), *((name, name) for name in FIGURES))),
        legend="".join(_legend()),
        data=_embedded(data),
        script=f'"use strict";\n{{\n{script}}}\n',
    )


def _embedded(data: object) -> str:
    """Return JSON that cannot end the script element around it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _options(choices: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<option value="{value}">{name}</option>' for value, name in choices)


def _legend() -> Iterable[str]:
    for kind, colour in COLOURS.items():
        name = "skip" if kind == "long-range" else kind
        dashes = ' stroke-dasharray="4 3"' if kind in DASHED else ""
        line = f'<svg width="22" height="8" aria-hidden="true"><path d="M0 4H22" stroke="{colour}"{dashes}/></svg>'
        yield f"<li>{line} {name}</li>"


def _text(name: str) -> str:
    return files("archspec.views.page").joinpath(name).read_text(encoding="utf-8")
