"""Which names a piece of a spec mentions, whatever they turn out to mean."""

from __future__ import annotations

from archspec.language.expressions import names_in
from archspec.source import Scalar, Sequence, Tree


def names_of(tree: Tree) -> frozenset[str]:
    """Every identifier that a tree's texts mention."""
    if isinstance(tree, Scalar):
        return names_in(tree.text)
    if isinstance(tree, Sequence):
        return frozenset().union(*(names_of(item) for item in tree.items)) if tree.items else frozenset()
    return frozenset().union(*(names_of(k) | names_of(v) for k, v in tree.entries)) if tree.entries else frozenset()
