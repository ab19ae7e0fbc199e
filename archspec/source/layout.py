"""A text with the tree that was read from it: where each node stands, and in what kind of brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from archspec.diagnostics import Edit, Span
from archspec.source.positions import LINE_BREAK, Positions
from archspec.source.tree import Mapping, Scalar, Sequence, Tree

_NEITHER: Final = re.compile(r"(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*")
_LINE: Final = re.compile(r"[^\r\n]*")
_PROPERTY: Final = re.compile(r"[&!][^\s,\[\]{}]*[ \t\r\n]+$")
_ANCHOR: Final = re.compile(r"(?:^|[\s,\[{:-])&[^\s,\[\]{}]+")
Path = tuple[Tree, ...]


class Layout:
    """Finds a tree's nodes in its text again. Nodes reached through an alias are not here: they stand elsewhere."""

    def __init__(self, text: str, tree: Tree) -> None:
        self.text = text.removeprefix("\ufeff")
        self.tree = tree
        self._positions = Positions(self.text, tree.span.file)

    @cached_property
    def newline(self) -> str:
        """The text's own line break."""
        found = LINE_BREAK.search(self.text)
        return found[0] if found else "\n"

    @cached_property
    def _paths(self) -> dict[Span, Path]:
        paths: dict[Span, Path] = {}
        for path in _walk((self.tree,)):
            paths.setdefault(path[-1].span, path)
        return paths

    def path(self, span: Span) -> Path:
        """The node with that span and what it lies in, outermost first; empty where there is none."""
        return self._paths.get(span, ())

    def start(self, tree: Tree) -> int:
        """Where a node's text begins; that of an alias at its `*`."""
        span = tree.alias or tree.span
        return self._positions.index(span.line, span.column)

    def end(self, tree: Tree) -> int:
        """Where a node's text ends."""
        span = tree.alias or tree.span
        return self._positions.index(span.end_line, span.end_column)

    def source(self, tree: Tree) -> str:
        """A node as it is written."""
        return self.text[self.start(tree) : self.end(tree)]

    def edit(self, start: int, end: int, replacement: str) -> Edit:
        """An Edit of `text[start:end]`."""
        return Edit(self._positions.span(start, end), replacement)

    def is_flow(self, tree: Tree) -> bool:
        """Whether a list or mapping is written in brackets."""
        return not isinstance(tree, Scalar) and self.text[self.start(tree)] in "[{"

    def in_flow(self, path: Path) -> bool:
        """Whether the last node of a path lies inside brackets, its own not counted."""
        return any(self.is_flow(tree) for tree in path[:-1])

    def own_entries(self, mapping: Mapping) -> list[tuple[Scalar, Tree]]:
        """The entries that are written in the mapping itself, not reached through `<<`."""
        start, end = self.start(mapping), self.end(mapping)
        return [(key, value) for key, value in mapping.entries if start <= self.start(key) < end]

    def skip(self, index: int) -> int:
        """The first place from there on that is neither white space nor comment."""
        found = _NEITHER.match(self.text, index)
        return found.end() if found else index

    def line_start(self, index: int) -> int:
        """Where the line of a place begins."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def line_end(self, index: int) -> int:
        """Where the line of a place ends, before its line break."""
        found = _LINE.match(self.text, index)
        return found.end() if found else index

    def next_line(self, index: int) -> int:
        """Where the line after that of a place begins."""
        found = LINE_BREAK.match(self.text, self.line_end(index))
        return found.end() if found else len(self.text)

    def before(self, index: int) -> str:
        """What stands before a place on its line."""
        return self.text[self.line_start(index) : index]

    def is_blank(self, start: int, end: int) -> bool:
        """Whether there is nothing but white space between two places."""
        return not self.text[start:end].strip(" \t\r\n")

    def has_property(self, index: int) -> bool:
        """Whether an anchor or tag stands just before a place: what is there is used elsewhere too."""
        return _PROPERTY.search(self.before(index)) is not None

    def has_anchor(self, start: int, end: int) -> bool:
        """Whether something between two places may be used elsewhere."""
        return self.has_property(start) or _ANCHOR.search(self.text[start:end]) is not None


def _walk(path: Path) -> Iterator[Path]:
    yield path
    tree = path[-1]
    if isinstance(tree, Scalar):
        return
    inside = tree.items if isinstance(tree, Sequence) else tuple(value for _, value in tree.entries)
    for item in inside:
        if item.alias is None:
            yield from _walk((*path, item))
