"""Edits applied to a text."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Edit
from archspec.source.positions import Positions

_BOM = "\ufeff"


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made that don't overlap."""
    bare = text.removeprefix(_BOM)
    positions = Positions(bare, "")
    pieces, done = [], 0
    for start, end, replacement in sorted(_placed(positions, edit) for edit in edits):
        pieces += [bare[done:start], replacement]
        done = end
    return text[: len(text) - len(bare)] + "".join(pieces) + bare[done:]


def _placed(positions: Positions, edit: Edit) -> tuple[int, int, str]:
    span = edit.span
    return positions.index(span.line, span.column), positions.index(span.end_line, span.end_column), edit.replacement
