"""Incremental composing, for editors: the part under an unchanged top-level key is not read again."""

from __future__ import annotations

import re
from typing import Final

from archspec.diagnostics import Diagnostic, Span
from archspec.source.composer import compose
from archspec.source.entries import MappingEntry
from archspec.source.positions import LINE_BREAK
from archspec.source.syntax_errors import find_forbidden
from archspec.source.tree import Mapping, Scalar, Sequence, Tree

MAX_LENGTH: Final = 1 << 16
"""Characters of a text that is read in pieces: no such text can reach a limit that counts over the whole of it."""

_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*:(?:[ \t]|$)")
_NOT_INCREMENTAL: Final = re.compile(
    r"(?:^|[\s,\[{:-])(?:[&*!][^\s=]|<<)|^(?:---|\.\.\.|%|\?)|[\ufeff\x85\u2028\u2029]", re.MULTILINE
)


class IncrementalComposer:
    """Composes the versions of a text, reusing the pieces of the last one; a piece is a top-level key with its value.

    Invariant: tree and findings are those of `compose`. Pieces are independent only as long as nothing reaches from one
    into another, so a text with an anchor, an alias or a tag, a key written twice, or any finding at all is composed as
    a whole. A piece that has only moved up or down is copied with its spans shifted by that many lines.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, MappingEntry]] = {}

    def read(self, text: str, file: str) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
        """Return what `compose` returns."""
        entries = self._entries(text, file) if _is_incremental(text) else None
        if entries is None:
            return compose(text, file)
        first, last = entries[0][0].span, entries[-1][1].span
        return Mapping(tuple(entries), Span(file, first.line, first.column, last.end_line, last.end_column)), ()

    def _entries(self, text: str, file: str) -> list[MappingEntry] | None:
        """Return the keys with their values; None if the text must be composed as a whole."""
        pieces = _split(text)
        known: dict[tuple[str, str], tuple[int, MappingEntry]] = {}
        found: dict[str, MappingEntry] = {}
        for line, piece in pieces:
            before = self._known.get((piece, file)) or _compose_piece(piece, file)
            # `_known` stays that of the last version which could be read in pieces: most of it holds once this one can
            # be again.
            if before is None or before[1][0].text in found:
                return None
            entry = before[1] if before[0] == line else _shift_entry(*before[1], line - before[0])
            known[(piece, file)] = (line, entry)
            found[entry[0].text] = entry
        # Replaced and not extended: pieces of older versions would pile up with every keystroke.
        self._known = known
        return list(found.values()) or None


def _is_incremental(text: str) -> bool:
    """Return whether a text may be read in pieces.

    A forbidden character makes the whole text invalid, also in the comments above the first key, which no piece holds.
    """
    return len(text) <= MAX_LENGTH and _NOT_INCREMENTAL.search(text) is None and find_forbidden(text) is None


def _split(text: str) -> list[tuple[int, str]]:
    """Return the text in pieces that begin with a key at the line's start, each with the number of its first line.

    Nothing but comments and empty lines may come before the first.
    """
    starts: list[tuple[int, int]] = []
    line, start = 1, 0
    for end in (*(found.end() for found in LINE_BREAK.finditer(text)), len(text)):
        if _KEY.match(text[start:end]):
            starts.append((line, start))
        elif not starts and text[start:end].strip() and not text[start:end].startswith("#"):
            return []
        line, start = line + 1, end
    ends = [*(start for _, start in starts[1:]), len(text)]
    return [(line, text[start:end]) for (line, start), end in zip(starts, ends, strict=False)]


def _compose_piece(piece: str, file: str) -> tuple[int, MappingEntry] | None:
    """Return the one key and value of a piece, as if it began on line 1; None if there is any finding about it."""
    tree, found = compose(piece, file)
    if not isinstance(tree, Mapping) or found or len(tree.entries) != 1:
        return None
    return 1, tree.entries[0]


def _shift_entry(key: Scalar, value: Tree, lines: int) -> MappingEntry:
    moved = Scalar(key.value, key.text, _shift_span(key.span, lines), key.quoted)
    return moved, _shift(value, lines, moved)


def _shift(tree: Tree, lines: int, key: Scalar | None) -> Tree:
    """Return a tree with its spans shifted by a number of lines."""
    span = _shift_span(tree.span, lines)
    if isinstance(tree, Scalar):
        return Scalar(tree.value, tree.text, span, tree.quoted, key)
    if isinstance(tree, Sequence):
        return Sequence(tuple([_shift(item, lines, None) for item in tree.items]), span, key)
    return Mapping(tuple([_shift_entry(*entry, lines) for entry in tree.entries]), span, key)


def _shift_span(span: Span, lines: int) -> Span:
    return Span(span.file, span.line + lines, span.column, span.end_line + lines, span.end_column)
