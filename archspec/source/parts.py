"""A node while its collection is being read: its tree, and its offsets in the text."""

from __future__ import annotations

from msgspec import Struct

from archspec.source.tree import Scalar, Tree


class Part(Struct, frozen=True):
    """A node at `text[start:end]`; for an alias that is the `*alias`, not the node that it refers to."""

    tree: Tree
    start: int
    end: int

    @property
    def is_plain(self) -> bool:
        """Whether this is a scalar written here without quotes."""
        return isinstance(self.tree, Scalar) and not self.tree.quoted and self.tree.alias is None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is written here (`key:` with no value)."""
        return self.start == self.end and self.is_plain
