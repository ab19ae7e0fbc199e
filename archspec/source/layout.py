"""A text with the tree that was composed from it: where each node is written, and in which style."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from archspec.diagnostics import Edit, Span
from archspec.source.positions import LINE_BREAK, Positions
from archspec.source.tree import Mapping, Scalar, Sequence, Tree

# Only a fix looks at the layout: compiled when first used.
_BLANK: Final = r"(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*"
_LINE: Final = r"[^\r\n]*"
_PROPERTY: Final = r"[&!][^\s,\[\]{}]*[ \t\r\n]+$"
# Matches inside quotes, too: then a fix is left out, which is safe.
_ANCHOR: Final = r"(?:^|[\s,\[{:-])&[^\s,\[\]{}]+"

TreePath = tuple[Tree, ...]
"""The nodes from the root to a node, which is the last."""


class Layout:
    """Locates the nodes of a tree in its text, except those reached through an alias: they are written elsewhere."""

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
    def _paths(self) -> dict[Span, TreePath]:
        paths: dict[Span, TreePath] = {}
        for path in _walk((self.tree,)):
            paths.setdefault(path[-1].span, path)
        return paths

    def path(self, span: Span) -> TreePath:
        """Return the path to the node with that span; empty if there is none."""
        return self._paths.get(span, ())

    def start(self, tree: Tree) -> int:
        """Return the offset of a node's text; that of an alias at its `*`."""
        span = tree.alias or tree.span
        return self._positions.index(span.line, span.column)

    def end(self, tree: Tree) -> int:
        """Return the offset after a node's text."""
        span = tree.alias or tree.span
        return self._positions.index(span.end_line, span.end_column)

    def source(self, tree: Tree) -> str:
        """Return a node as it is written."""
        return self.text[self.start(tree) : self.end(tree)]

    def text_at(self, span: Span) -> str:
        """Return the text of a span."""
        start = self._positions.index(span.line, span.column)
        return self.text[start : self._positions.index(span.end_line, span.end_column)]

    def edit(self, start: int, end: int, replacement: str) -> Edit:
        """Return the Edit that replaces `text[start:end]`."""
        return Edit(self._positions.span(start, end), replacement)

    def is_flow(self, tree: Tree) -> bool:
        """Return whether a list or mapping is written in brackets."""
        return not isinstance(tree, Scalar) and self.text[self.start(tree)] in "[{"

    def own_entries(self, mapping: Mapping) -> list[tuple[Scalar, Tree]]:
        """Return the entries that are written in the mapping itself, not reached through an alias or `<<`."""
        if mapping.alias is not None:
            return []
        return [(key, value) for key, value in mapping.entries if key.text not in mapping.inherited]

    def skip(self, index: int) -> int:
        """Return the first offset from there on that is neither white space nor comment."""
        found = re.compile(_BLANK).match(self.text, index)
        return found.end() if found else index

    def line_start(self, index: int) -> int:
        """Return the offset at which the line of an offset begins."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def line_end(self, index: int) -> int:
        """Return the offset at which the line of an offset ends, before its line break."""
        found = re.compile(_LINE).match(self.text, index)
        return found.end() if found else index

    def next_line(self, index: int) -> int:
        """Return the offset at which the line after that of an offset begins."""
        found = LINE_BREAK.match(self.text, self.line_end(index))
        return found.end() if found else len(self.text)

    def before(self, index: int) -> str:
        """Return the text before an offset on its line."""
        return self.text[self.line_start(index) : index]

    def is_blank(self, start: int, end: int) -> bool:
        """Return whether there is only white space between two offsets."""
        return not self.text[start:end].strip(" \t\r\n")

    def has_property(self, index: int) -> bool:
        """Return whether an anchor or tag comes just before an offset: the node there may be used elsewhere too."""
        return re.search(_PROPERTY, self.before(index)) is not None

    def has_anchor(self, start: int, end: int) -> bool:
        """Return whether anything between two offsets has an anchor, so may be used elsewhere."""
        return self.has_property(start) or re.search(_ANCHOR, self.text[start:end]) is not None


def _walk(path: TreePath) -> Iterator[TreePath]:
    yield path
    tree = path[-1]
    if isinstance(tree, Scalar):
        return
    inside = tree.items if isinstance(tree, Sequence) else tuple(value for _, value in tree.entries)
    for item in inside:
        if item.alias is None:
            yield from _walk((*path, item))
