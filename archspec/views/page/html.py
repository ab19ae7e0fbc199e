"""The page as one file: data, script and style inside, and nothing that is fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template

from archspec.diagnostics import Diagnostic
from archspec.ir.graph import Graph
from archspec.views.colours import DARK, LIGHT
from archspec.views.layout import PictureError
from archspec.views.opening import opened_in
from archspec.views.page.tree import tree_of
from archspec.views.palette import COLOURS, DASHED, GREY, RED

SCRIPTS = ("words.js", "layout.js", "routing.js", "drawing.js", "page.js", "events.js")
FIGURES = ("params", "macs", "memory")
LEVELS = ("stage", "block", "op")


def page_of(
    graph: Graph, level: str, opened: Iterable[str] = (), colour: str = "", errors: Iterable[Diagnostic] = ()
) -> str:
    """The page of a Graph; `level` and `opened` say what is open at first."""
    if colour and colour not in FIGURES:
        raise PictureError(f"the page colours boxes by one of {', '.join(FIGURES)}, not {colour}; svg and png know it")
    paths = sorted(opened_in(graph, opened))
    title = graph.name + (f":{graph.variant}" if graph.variant else "")
    data = {
        **tree_of(graph, errors),
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
    """JSON that cannot end the script it stands in."""
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
