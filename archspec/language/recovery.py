"""A tree with what could not be read taken out, so that one mistake does not hide all the others."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from archspec.diagnostics import Span, did_you_mean
from archspec.source import Mapping, Scalar, Sequence, Tree

BROKEN = "<broken>"
LAYER_LISTS = ("stem", "stages", "head", "body", "residual", "sequence", "of", "branches")
MOST_MISTAKES = 100


class Mend:
    """Takes mistakes out of a tree: `unknown` keys (with the keys that were possible), and whatever is `wrong`."""

    def __init__(self, unknown: dict[Span, tuple[str, ...]], wrong: tuple[Span, ...]) -> None:
        self._unknown = unknown
        self._wrong = wrong
        self._gone: dict[Span, tuple[Span, ...]] = {}  # layers taken out, with the mistakes inside them

    def tree(self, tree: Tree) -> Tree:
        """The tree with misspelt keys set right, unknown ones left out, and a marker for each layer that is wrong."""
        if isinstance(tree, Scalar):
            return tree
        if isinstance(tree, Sequence):
            is_layers = tree.key is not None and tree.key.text in LAYER_LISTS
            return replace(tree, items=tuple(self._item(item, is_layers) for item in tree.items))
        return replace(tree, entries=tuple(self._entries(tree)))

    def _item(self, item: Tree, is_layer: bool) -> Tree:
        """An item of a list; the innermost layer that holds a mistake gives way to a marker with its name."""
        mended = self.tree(item)
        if not is_layer:
            return mended
        if item.span not in self._gone:
            gone = {span for inside in self._gone.values() for span in inside}
            held = tuple(span for span in self._wrong if span not in gone and _holds(item.span, span))
            if not held:
                return mended
            self._gone[item.span] = held
        name = _name_of(item)
        marker = Scalar(BROKEN, BROKEN, item.span)
        entries = ((Scalar("name", "name", name.span), name),) if name is not None else ()
        return Mapping(((marker, Mapping(entries, item.span, marker)),), item.span)

    def _entries(self, tree: Mapping) -> Iterator[tuple[Scalar, Tree]]:
        taken = set(tree.keys())
        for key, value in tree.entries:
            known = self._unknown.get(key.span)
            if known is None:
                yield key, self.tree(value)
                continue
            meant = did_you_mean(key.text, known)
            if meant is not None and meant not in taken:
                taken.add(meant)
                renamed = Scalar(meant, meant, key.span, key.quoted)
                yield renamed, replace(self.tree(value), key=renamed)


def _holds(outer: Span, inner: Span) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    return (outer.line, outer.column) <= start and end <= (outer.end_line, outer.end_column)


def _name_of(item: Tree) -> Scalar | None:
    """The name that a layer gives itself, so that references to it are not said to lead nowhere."""
    if not isinstance(item, Mapping):
        return None
    inner = [item, *(value for _, value in item.entries if isinstance(value, Mapping))]
    names = (layer.get("name") for layer in inner)
    return next((name for name in names if isinstance(name, Scalar) and name.text), None)
