"""The boxes of the picture and the rows of the table as the workbench takes them, each with its lines in the text."""

from __future__ import annotations

from typing import Any, TypeVar

import archspec
from explorer.formatting import bytes_text, count_text

LineRange = tuple[int, int]
T = TypeVar("T")
COLUMNS = ("stage", "output", "params", "MACs", "kept for backward", "receptive field")


class LayerLines:
    """The lines of one text that each layer of a Graph was written in, and the stage of each."""

    def __init__(self, graph: archspec.Graph, file: str) -> None:
        self._lines: dict[str, LineRange] = {}
        for placed in graph.walk():
            span = placed.step.origin.span
            if span.file == file:
                self._lines[placed.path] = span.line, _last_line(span)
        self._stages: dict[str, str] = {}
        for section in graph.sections:
            for step in graph.body.steps[section.first : section.last]:
                self._stages[step.scope] = section.name

    def lines(self, path: str) -> LineRange | None:
        """Return the lines of a layer, or of the nearest enclosing block that is written in this text."""
        return _nearest(path, self._lines)

    def stage(self, path: str) -> str:
        """Return the stage that a layer is in."""
        return _nearest(path, self._stages) or ""

    def of_stage(self, name: str) -> LineRange | None:
        """Return the lines of a whole stage."""
        found = [lines for scope, stage in self._stages.items() if stage == name and (lines := self.lines(scope))]
        return _around(found)


def _last_line(span: archspec.Span) -> int:
    # The end of a span may be the start of the next line, of which nothing belongs to it.
    return span.end_line if span.end_column > 1 else max(span.line, span.end_line - 1)


def _nearest(path: str, known: dict[str, T]) -> T | None:
    while path and path not in known:
        path = path.rpartition(".")[0]
    return known.get(path)


def _around(lines: list[LineRange]) -> LineRange | None:
    return (min(first for first, _ in lines), max(last for _, last in lines)) if lines else None


def boxes_of(
    graph: archspec.Graph, view: archspec.View, box_of: dict[str, str], places: LayerLines, opened: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Return the data of each box by its id."""
    ops: dict[str, list[str]] = {}
    for path, box in box_of.items():
        ops.setdefault(box, []).append(path)
    can_open = frozenset(archspec.openable(graph)) if view.level != "op" else frozenset()
    return {node.id: _box(node, ops.get(node.id, []), places, can_open, opened) for node in view.nodes}


def _box(
    node: Any, ops: list[str], places: LayerLines, can_open: frozenset[str], opened: tuple[str, ...]
) -> dict[str, Any]:
    stage = places.stage(ops[0]) if ops else ""
    if node.id == stage:
        lines = places.of_stage(stage)
    else:
        found = [places.lines(node.id)] if node.id in can_open else [places.lines(path) for path in ops]
        lines = _around([one for one in found if one])
    # A box of several ops that is no block itself is part of a folded stage: that is opened.
    inner = node.id if node.id in can_open and node.id not in opened else stage if len(ops) > 1 else ""
    facts = [("gives", node.shape)]
    if node.role == "layers":
        facts += [("parameters", _exact(node.params)), ("MACs", _exact(node.macs))]
        facts += [("output memory", bytes_text(node.memory)), ("sees", node.receptive_field)]
    if len(node.paths) > 1:
        facts.insert(0, ("stands for", f"{len(node.paths)} blocks that are the same"))
    facts += [("was given", shape) for shape in node.given]
    return {
        "title": node.title,
        "about": node.about,
        "stage": stage,
        "lines": lines,
        "facts": facts,
        "opens": inner if inner in can_open and inner not in opened else "",
        "frames": [frame for frame in node.clusters if frame in opened],
        "state": node.state,
        "origin": node.origin,
    }


def _exact(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def rows_of(graph: archspec.Graph, stages: archspec.View, places: LayerLines) -> list[dict[str, Any]]:
    """Return a row for each stage, each cell with its share of the column's largest; bytes are those of one sample."""
    nodes = [node for node in stages.nodes if node.role == "layers"]
    kept = {row.path: row.saved for row in archspec.summarize(graph, saved=True).rows}
    most_kept = max((number or 0 for number in kept.values()), default=0)
    most = {name: max((getattr(node, name) or 0 for node in nodes), default=0) for name in ("params", "macs", "reach")}

    def cell(node: Any, name: str, text: str) -> dict[str, Any]:
        number = getattr(node, name)
        return {"text": text, "share": number / most[name] if number is not None and most[name] else 0.0}

    return [
        {
            "stage": node.id,
            "kind": node.about.replace("\n", ", "),
            "lines": places.of_stage(node.id),
            "cells": [
                {"text": node.shape, "share": None},
                cell(node, "params", count_text(node.params)),
                cell(node, "macs", count_text(node.macs)),
                {"text": bytes_text(kept[node.id]), "share": (kept[node.id] or 0) / max(1, most_kept)},
                cell(node, "reach", node.receptive_field or "–"),
            ],
        }
        for node in nodes
    ]


def finding_data(found: archspec.Diagnostic, file: str) -> dict[str, Any]:
    """Return a finding, with its fix if that edits this text only."""
    span = found.span
    # The editor has this text only: it cannot edit a file that the text includes.
    fix = found.fix if found.fix is not None and all(e.span.file == file for e in found.fix.edits) else None
    return {
        **_range(span),
        "severity": str(found.severity),
        "code": found.code,
        "message": found.message,
        "hint": found.hint,
        "causes": [_cause(cause, file) for cause in found.causes],
        "here": span.file == file,
        "place": str(span),
        "fix": [{**_range(edit.span), "text": edit.replacement} for edit in fix.edits] if fix is not None else [],
        "safe": fix is not None and fix.applicability == "safe",
    }


def _cause(cause: Any, file: str) -> str:
    if cause.span is None:
        return str(cause.message)
    where = f"line {cause.span.line}" if cause.span.file == file else str(cause.span)
    return f"{cause.message} ({where})"


def _range(span: archspec.Span) -> dict[str, int]:
    return {"line": span.line, "column": span.column, "endLine": span.end_line, "endColumn": span.end_column}
