"""What the texts of two specs say at the places of a change: whether it is an edit, and which settings it mentions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.language.free_names import free_names
from archspec.language.load import Spec
from archspec.source import Mapping, Sequence, Tree, plain

SpanPair = tuple[Span, Span]


class WrittenText(Struct, frozen=True, dict=True):
    """The trees of a spec by their spans; none for a Graph, whose text is unknown."""

    spec: Spec | None

    @cached_property
    def trees(self) -> dict[Span, Tree]:
        """Every node by its span; of nodes with one span the outermost."""
        tree = self.spec.document.tree if self.spec is not None else None
        found: dict[Span, Tree] = {}
        for node in _walk(tree) if tree is not None else ():
            found.setdefault(node.span, node)
        return found

    @cached_property
    def blocks(self) -> tuple[Span, ...]:
        """The spans of the spec's own blocks, whose names are not those of the spec."""
        return tuple(block.span for block in self.spec.document.blocks.values()) if self.spec is not None else ()

    def names_at(self, span: Span, key: str = "") -> frozenset[str]:
        """Return the names of the spec that a place mentions, those behind its lets and defaults included.

        key: of a layer, the key whose value counts.
        """
        tree = _value(self.trees.get(span), key)
        if self.spec is None or tree is None or any(block.contains(span) for block in self.blocks):
            return frozenset()
        return self.names_behind(free_names(tree))

    def names_behind(self, names: frozenset[str]) -> frozenset[str]:
        """Return names with those that their own definitions mention."""
        assert self.spec is not None
        document, overrides = self.spec.document, dict(self.spec.overrides)
        found: set[str] = set()
        waiting = set(names)
        while waiting:
            name = waiting.pop()
            found.add(name)
            declared = document.params[name].default if name in document.params else None
            tree = overrides.get(name) or declared or document.let.get(name) or document.sizes.get(name)
            waiting |= (free_names(tree) if tree is not None else frozenset()) - found
        return frozenset(found)


def _walk(tree: Tree) -> Iterator[Tree]:
    yield tree
    if isinstance(tree, Sequence):
        for item in tree.items:
            yield from _walk(item)
    elif isinstance(tree, Mapping):
        for _, value in tree.entries:
            yield from _walk(value)


class WrittenTexts(Struct, frozen=True):
    """The texts of both sides of a difference."""

    before: WrittenText
    after: WrittenText
    have_same_layers: bool = False  # what is written differs in settings alone, so that no other change is an edit

    def is_edit(self, spans: SpanPair, key: str = "") -> bool:
        """Return whether the texts at two places differ; with `key`, the values of that key of two layers."""
        if self.have_same_layers:
            return False
        trees = self.before.trees.get(spans[0]), self.after.trees.get(spans[1])
        if trees[0] is None or trees[1] is None:
            # The library and files that both include: one place has one text.
            return spans[0] != spans[1] if self._are_known else not (spans[0].in_library and spans[1].in_library)
        values = _value(trees[0], key), _value(trees[1], key)
        return bool(_plain(values[0]) != _plain(values[1]))

    @property
    def _are_known(self) -> bool:
        return self.before.spec is not None and self.after.spec is not None

    def names_at(self, spans: SpanPair, key: str = "") -> frozenset[str]:
        """Return the names that either place mentions."""
        return self.before.names_at(spans[0], key) | self.after.names_at(spans[1], key)


def _value(tree: Tree | None, key: str) -> Tree | None:
    """Return the value of a layer's key, for `block` what it calls; with an empty key the tree itself."""
    if not key:
        return tree
    if key == "block" and not (isinstance(tree, Mapping) and tree.get(key) is not None):
        return tree.entries[0][0] if isinstance(tree, Mapping) and tree.entries else tree
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        tree = tree.entries[0][1]  # {conv: {channels: 8}}
    if isinstance(tree, Sequence):
        return tree  # concat: [a, b]
    return tree.get(key) if isinstance(tree, Mapping) else None


def _plain(tree: Tree | None) -> Any:
    return None if tree is None else plain(tree)
