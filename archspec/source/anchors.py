"""Anchors: the node of each, its size with aliases expanded, and which were never used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from archspec.diagnostics import Diagnostic, Edit, Fix, Severity, Span
from archspec.source.positions import Positions
from archspec.source.tree import Tree


class Anchor(Struct):
    """One `&name` at `text[start:]`; `tree` is None while the node is still being read.

    `size` counts the node's nodes with all aliases expanded, `height` its levels of collections: an alias adds both to
    the collections around it, so that "a billion laughs" is refused before anything is copied.
    """

    name: str
    start: int
    tree: Tree | None = None
    size: int = 0
    height: int = 0
    used: bool = False

    def span(self, positions: Positions) -> Span:
        """Return the span of `&name`."""
        return positions.span(self.start, self.start + 1 + len(self.name))


def find_unused(anchors: list[Anchor], text: str, positions: Positions) -> Iterator[Diagnostic]:
    """Report each anchor without an alias, with the edit that deletes it."""
    for anchor in anchors:
        if not anchor.used:
            blanks = re.compile(" *").match(text, anchor.start + 1 + len(anchor.name))
            edit = Edit(positions.span(anchor.start, blanks.end() if blanks else anchor.start), "")
            message = f"the anchor {anchor.name} is never used"
            hint = f"remove it, or write *{anchor.name} where the same is meant"
            yield Diagnostic("SPC006", message, anchor.span(positions), Severity.INFO, (), hint, Fix("safe", (edit,)))
