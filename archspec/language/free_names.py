"""The names that a part of a spec refers to, without resolving them."""

from __future__ import annotations

from archspec.language.expressions import identifiers_in
from archspec.source import Scalar, Sequence, Tree


def free_names(tree: Tree) -> frozenset[str]:
    """Return every identifier in a tree's texts: a superset of the names that its expressions use."""
    if isinstance(tree, Scalar):
        # A search for words and not a parse: the text may be one that does not parse.
        return identifiers_in(tree.text)
    if isinstance(tree, Sequence):
        return frozenset().union(*(free_names(item) for item in tree.items)) if tree.items else frozenset()
    return frozenset().union(*(free_names(k) | free_names(v) for k, v in tree.entries)) if tree.entries else frozenset()
