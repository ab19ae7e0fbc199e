"""Error recovery: a tree with the parts taken out that could not be read, so that the rest is still checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from archspec.diagnostics import Span
from archspec.source import Mapping, Scalar, Sequence, Tree

if TYPE_CHECKING:
    from archspec.language.suggestions import Suggestion

BROKEN = "<broken>"
LAYER_LISTS = ("stem", "stages", "head", "body", "residual", "sequence", "of", "branches")
MAX_RECOVERED = 100


class Recovery:
    """Takes errors out of a tree: `unknown` keys (with what may be meant by them), and the nodes at `wrong` spans."""

    def __init__(self, unknown: dict[Span, Suggestion], wrong: tuple[Span, ...]) -> None:
        self._unknown = unknown
        self._wrong = wrong
        self._removed: dict[Span, tuple[Span, ...]] = {}  # layers taken out, with the errors inside them

    def apply(self, tree: Tree) -> Tree:
        """Return the tree with misspelt keys corrected, unknown ones dropped, and wrong layers replaced by markers."""
        if isinstance(tree, Scalar):
            return tree
        if isinstance(tree, Sequence):
            is_layers = tree.key is not None and tree.key.text in LAYER_LISTS
            return replace(tree, items=tuple(self._item(item, is_layers) for item in tree.items))
        return replace(tree, entries=tuple(self._entries(tree)))

    def _item(self, item: Tree, is_layer: bool) -> Tree:
        """Return an item of a list; the innermost layer around an error becomes a marker that keeps its name.

        Innermost, since inner items are visited first and claim their errors in `_removed`: of a residual with one bad
        layer in its body, everything else is still checked.
        """
        recovered = self.apply(item)
        if not is_layer:
            return recovered
        if item.span not in self._removed:
            claimed = {span for spans in self._removed.values() for span in spans}
            inside = tuple(span for span in self._wrong if span not in claimed and item.span.contains(span))
            if not inside:
                return recovered
            self._removed[item.span] = inside
        name = _declared_name(item)
        marker = Scalar(BROKEN, BROKEN, item.span)
        entries = ((Scalar("name", "name", name.span), name),) if name is not None else ()
        return Mapping(((marker, Mapping(entries, item.span, marker)),), item.span)

    def _entries(self, tree: Mapping) -> Iterator[tuple[Scalar, Tree]]:
        taken = set(tree.keys())
        for key, value in tree.entries:
            suggestion = self._unknown.get(key.span)
            if suggestion is None:
                yield key, self.apply(value)
                continue
            # What no fix would write is a guess: findings about it would mislead. A key in quotes has no fix.
            meant = suggestion.name if suggestion.fix is not None or key.quoted else None
            # A correction must not give the mapping two equal keys.
            if meant is not None and meant not in taken:
                taken.add(meant)
                corrected = Scalar(meant, meant, key.span, key.quoted)
                yield corrected, replace(self.apply(value), key=corrected)


def _declared_name(item: Tree) -> Scalar | None:
    """Return the name that a layer declares: references to it must not be reported as leading nowhere."""
    if not isinstance(item, Mapping):
        return None
    inner = [item, *(value for _, value in item.entries if isinstance(value, Mapping))]
    names = (layer.get("name") for layer in inner)
    return next((name for name in names if isinstance(name, Scalar) and name.text), None)
