"""Offsets into a text to lines and columns, as editors count them, and back."""

from __future__ import annotations

import re
from bisect import bisect_right

from archspec.diagnostics import Span

LINE_BREAK = re.compile(r"\r\n|\r|\n")
"""YAML 1.2's line breaks; unlike `str.splitlines`, which also breaks at form feeds and U+2028."""


class Positions:
    """Converts offsets into a text to spans of its file, both counted in characters (a leading BOM not included)."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._length = len(text)
        self._starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]

    def span(self, start: int, end: int) -> Span:
        """Return the span of `text[start:end]`."""
        line, column = self._line_column(start)
        end_line, end_column = self._line_column(max(start, end))
        return Span(self._file, line, column, end_line, end_column)

    def index(self, line: int, column: int) -> int:
        """Return the offset of a line and column, clamped to the text."""
        line = min(max(line, 1), len(self._starts))
        return min(self._starts[line - 1] + column - 1, self._length)

    def _line_column(self, index: int) -> tuple[int, int]:
        index = min(max(index, 0), self._length)
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1
