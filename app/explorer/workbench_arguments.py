"""The arguments of the workbench component for a draft."""

from __future__ import annotations

from typing import Any

import archspec
from explorer.draft import Draft
from explorer.workbench_data import COLUMNS, LayerLines, boxes_of, finding_data, rows_of

UNREADABLE = "The text cannot be read here; the picture is of the last version that could."
NOTHING = "Nothing to draw yet: the problems below say why."


def workbench_arguments(draft: Draft, painter: archspec.Painter) -> dict[str, Any]:
    """Return everything that the browser needs to show this draft."""
    document = draft.analyze()
    shown = _drawn(draft, document, painter)
    if shown is None:
        # A copy: the note must not stay with the kept data, which may be drawn again.
        shown = {**draft.last_drawn} if draft.last_drawn else _nothing()
        note, stale = (UNREADABLE, True) if draft.last_drawn else ("", False)
        shown["picture"] = {**shown["picture"], "note": note, "stale": stale}
    else:
        draft.last_drawn = shown
    return {
        "document": {"id": draft.document, "text": draft.text},
        "answers": draft.number,
        "findings": [finding_data(found, document.file) for found in document.diagnostics],
        "columns": list(COLUMNS),
        "selected": draft.selected,
        "empty": NOTHING,
        **shown,
    }


def _nothing() -> dict[str, Any]:
    return {"picture": {"svg": "", "key": "", "note": "", "stale": False}, "boxes": {}, "rows": []}


def _drawn(draft: Draft, document: archspec.Document, painter: archspec.Painter) -> dict[str, Any] | None:
    """Return the picture with its boxes and rows; None where nothing can be drawn."""
    graph = document.graph
    if graph is None or not graph.sections:
        return None
    known = frozenset(archspec.openable(graph))
    opened = tuple(path for path in draft.opened if path in known) if draft.level != "op" else ()
    # At the level of ops nothing can be open; what was open is kept for when another level is chosen.
    draft.opened = opened if draft.level != "op" else draft.opened
    view, box_of = archspec.placed_view(graph, draft.level, document.errors, opened)
    places = LayerLines(graph, document.file)
    svg, note = "", ""
    try:
        drawn = painter.draw(graph, draft.level, open=opened, color=draft.colour, diagnostics=document.errors)
        svg = drawn.decode("utf-8")
    except archspec.PictureError as error:
        note = f"No picture: {error}."
    stages = view if draft.level == "stage" and not opened else archspec.view_of(graph, "stage", document.errors)
    # While the key stays the same, the browser keeps the position of the picture (frontend/src/graph.ts).
    key = "|".join((draft.document, draft.variant, draft.level, draft.colour, *opened))
    return {
        "picture": {"svg": svg, "key": key, "note": note, "stale": False},
        "boxes": boxes_of(graph, view, box_of, places, opened),
        "rows": rows_of(graph, stages, places),
    }
