"""Conversion of positions: an editor counts lines and code units from 0, archspec characters from 1."""

from __future__ import annotations

from lsprotocol import types

from archspec.diagnostics import Span
from archspec.source.positions import LINE_BREAK

BOM = "\ufeff"
Encoding = types.PositionEncodingKind | str


class LineIndex:
    """The lines of a text, for converting between an editor's positions and archspec's lines and columns.

    `encoding` is the unit that client and server agreed on; UTF-16 code units unless they did.
    """

    def __init__(self, text: str, encoding: Encoding = types.PositionEncodingKind.Utf16) -> None:
        self.lines = LINE_BREAK.split(text)
        self._encoding = encoding
        self._skipped = len(BOM) if text.startswith(BOM) else 0

    def line_column(self, position: types.Position) -> tuple[int, int]:
        """Return the line and column, from 1, of an editor's position; past a line's end is its end."""
        if position.line >= len(self.lines):
            return len(self.lines), len(self.lines[-1]) + 1
        line = self.lines[position.line]
        column, units = 0, 0
        # No index is kept: lines are short, and a request converts two positions at most.
        while column < len(line) and units < position.character:
            units += self._units(line[column])
            column += 1
        return position.line + 1, max(column - self._hidden(position.line), 0) + 1

    def position(self, line: int, column: int) -> types.Position:
        """Return the editor's position of a line and column from 1; outside the text it is the nearest place inside."""
        index = min(max(line - 1, 0), len(self.lines) - 1)
        characters = min(max(column - 1, 0) + self._hidden(index), len(self.lines[index]))
        return types.Position(index, sum(map(self._units, self.lines[index][:characters])))

    def range(self, span: Span) -> types.Range:
        """Return the editor's range of a span."""
        return types.Range(self.position(span.line, span.column), self.position(span.end_line, span.end_column))

    def _hidden(self, line: int) -> int:
        """Return how many characters at the start of a line archspec does not count: a byte order mark."""
        return self._skipped if line == 0 else 0

    def _units(self, character: str) -> int:
        if self._encoding == types.PositionEncodingKind.Utf32:
            return 1
        if self._encoding == types.PositionEncodingKind.Utf8:
            return len(character.encode("utf-8", errors="replace"))
        # UTF-16, the protocol's default: a character outside the basic plane is a surrogate pair.
        return 2 if ord(character) > 0xFFFF else 1


def within(span: Span, line: int, column: int) -> bool:
    """Return whether a place is in a span; right behind its last character counts, as a cursor can be there."""
    return (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)


def extent(span: Span) -> tuple[int, int]:
    """Return the size of a span in lines, then columns; of several around a cursor the smallest is the innermost."""
    return span.end_line - span.line, span.end_column - span.column
