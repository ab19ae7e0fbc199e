"""Composes a text that changes a little at a time: what stands under an unchanged top-level key is not read again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from archspec.diagnostics import Diagnostic, Span
from archspec.source.composer import compose
from archspec.source.entries import Entry
from archspec.source.positions import LINE_BREAK
from archspec.source.tree import Mapping, Scalar, Sequence, Tree

ReadTree = Callable[[str, str], tuple[Tree | None, tuple[Diagnostic, ...]]]
"""How a text of a file becomes a tree: `compose`, or the `read` of a Pieces."""

LARGEST: Final = 1 << 16  # characters; above, limits that count over the whole text may matter
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*:(?:[ \t]|$)")
_WHOLE: Final = re.compile(
    r"(?:^|[\s,\[{:-])(?:[&*!][^\s=]|<<)|^(?:---|\.\.\.|%|\?)|[\ufeff\x85\u2028\u2029]", re.MULTILINE
)


class Pieces:
    """The pieces of the last text that was read, each a top-level key with its value.

    What cannot be read in pieces (an anchor, a key written twice, anything that there is a finding about) is read as a
    whole, by `compose`: the tree and the findings are always its.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, Entry]] = {}

    def read(self, text: str, file: str) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
        """What `compose` gives."""
        entries = self._entries(text, file) if len(text) <= LARGEST and _WHOLE.search(text) is None else None
        if entries is None:
            return compose(text, file)
        first, last = entries[0][0].span, entries[-1][1].span
        return Mapping(tuple(entries), Span(file, first.line, first.column, last.end_line, last.end_column)), ()

    def _entries(self, text: str, file: str) -> list[Entry] | None:
        """The keys with their values, or None where the text is to be read as a whole."""
        pieces = _pieces(text)
        known: dict[tuple[str, str], tuple[int, Entry]] = {}
        found: dict[str, Entry] = {}
        for line, piece in pieces:
            before = self._known.get((piece, file)) or _entry(piece, file)
            if before is None or before[1][0].text in found:
                return None
            entry = before[1] if before[0] == line else _moved(*before[1], line - before[0])
            known[(piece, file)] = (line, entry)
            found[entry[0].text] = entry
        self._known = known
        return list(found.values()) or None


def _pieces(text: str) -> list[tuple[int, str]]:
    """The text in pieces that begin with a key at the line's start, each with the number of its first line.

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


def _entry(piece: str, file: str) -> tuple[int, Entry] | None:
    """The one key and value of a piece that there is nothing to say about."""
    tree, found = compose(piece, file)
    if not isinstance(tree, Mapping) or found or len(tree.entries) != 1:
        return None
    return 1, tree.entries[0]


def _moved(key: Scalar, value: Tree, lines: int) -> Entry:
    moved = Scalar(key.value, key.text, _down(key.span, lines), key.quoted)
    return moved, _tree(value, lines, moved)


def _tree(tree: Tree, lines: int, key: Scalar | None) -> Tree:
    """A tree some lines further down."""
    span = _down(tree.span, lines)
    if isinstance(tree, Scalar):
        return Scalar(tree.value, tree.text, span, tree.quoted, key)
    if isinstance(tree, Sequence):
        return Sequence(tuple([_tree(item, lines, None) for item in tree.items]), span, key)
    return Mapping(tuple([_moved(*entry, lines) for entry in tree.entries]), span, key)


def _down(span: Span, lines: int) -> Span:
    return Span(span.file, span.line + lines, span.column, span.end_line + lines, span.end_column)
