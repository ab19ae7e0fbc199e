"""Source lines with carets under a span, as a terminal shows them."""

from __future__ import annotations

import unicodedata
from typing import Final

from archspec.diagnostics import Span
from archspec.source.positions import LINE_BREAK

_COLUMNS: Final = 100
_BEFORE: Final = 40
_TAB: Final = "    "
_CUT: Final = "..."


def snippet(text: str, span: Span, context: int = 1) -> str:
    """Return the span's first line with carets under it, and up to `context` lines before and after, all numbered.

    A span of several lines is underlined to the end of its first. Tabs become four spaces, and control and
    invisible characters become escapes: a spec must not control a terminal. A long line is cut around the span.
    """
    lines = LINE_BREAK.split(text.removeprefix("\ufeff"))
    first, last = max(span.line - context, 1), min(span.line + context, len(lines))
    if not 1 <= span.line <= len(lines):
        return ""
    gutter = len(str(last))
    start, end = _columns(lines[span.line - 1], span)
    window = max(start - _BEFORE, 0) if len(lines[span.line - 1]) > _COLUMNS else 0
    shown = []
    for number in range(first, last + 1):
        shown.append(f"{number:>{gutter}} | {_cut(lines[number - 1], window)}".rstrip())
        if number == span.line:
            shown.append(f"{'':>{gutter}} | {_carets(lines[number - 1], window, start, end)}")
    return "\n".join(shown)


def _columns(line: str, span: Span) -> tuple[int, int]:
    """Return where the carets start and end, counted from 0; at least one character, at most to the line's end."""
    start = min(max(span.column - 1, 0), len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    return start, max(min(end, len(line)), start + 1)


def _cut(line: str, window: int) -> str:
    before = _CUT if window and line else ""
    after = _CUT if len(line) > window + _COLUMNS else ""
    return before + _visible(line[window : window + _COLUMNS]) + after


def _carets(line: str, window: int, start: int, end: int) -> str:
    end = min(end, window + _COLUMNS)
    indent = (len(_CUT) if window else 0) + _width(_visible(line[window:start]))
    return " " * indent + "^" * max(_width(_visible(line[start:end])), 1)


def _visible(text: str) -> str:
    return "".join(_cell(character) for character in text)


def _cell(character: str) -> str:
    """Return a character, or an escape if a terminal would obey it or show nothing."""
    if character == "\t":
        return _TAB
    # Cf includes the bidirectional overrides, which make a terminal show a line in another order than it is read.
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return character.encode("unicode_escape").decode("ascii") if hidden else character


def _width(text: str) -> int:
    """Return the number of terminal cells that a text takes."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    # Combining marks are drawn over the character before; wide ones take two cells (UAX #11).
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
