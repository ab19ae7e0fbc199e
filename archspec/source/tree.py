"""The tree of a YAML text: every key and value with its span, scalars with their source text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span


class Scalar(Struct, frozen=True, eq=False):
    """One scalar: `value` by the YAML 1.2 core schema (None, bool, int, float, str), `text` as it is written.

    `key` is the key of this value (None in a list or at the top), `alias` the place of the `*alias` through
    which the node was reached; neither takes part in comparison.
    """

    value: bool | int | float | str | None
    text: str
    span: Span
    quoted: bool = False
    key: Scalar | None = None
    alias: Span | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Scalar)
            and self.text == other.text
            and self.span == other.span
            and self.value == other.value
            and self.quoted == other.quoted
        )

    def __ne__(self, other: object) -> bool:
        return not self == other  # msgspec's own compares by identity

    def __hash__(self) -> int:
        return hash((self.text, self.span, self.value, self.quoted))


class Sequence(Struct, frozen=True, eq=False):
    """A list of nodes."""

    items: tuple[Tree, ...]
    span: Span
    key: Scalar | None = None
    alias: Span | None = None

    def __eq__(self, other: object) -> bool:
        # The span first: where a line has moved it differs, and no child needs to be compared.
        return isinstance(other, Sequence) and self.span == other.span and self.items == other.items

    def __ne__(self, other: object) -> bool:
        return not self == other  # msgspec's own compares by identity

    def __hash__(self) -> int:
        return hash((self.span, self.items))


class Mapping(Struct, frozen=True, eq=False):
    """Keys (always scalars, no two with one text) and values, in the order written; each value's `key` is its key.

    `inherited` has the keys that come from a `<<`: from its alias, or from a mapping that is written inside this one.
    """

    entries: tuple[tuple[Scalar, Tree], ...]
    span: Span
    key: Scalar | None = None
    alias: Span | None = None
    inherited: frozenset[str] = frozenset()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self.span == other.span and self.entries == other.entries

    def __ne__(self, other: object) -> bool:
        return not self == other  # msgspec's own compares by identity

    def __hash__(self) -> int:
        return hash((self.span, self.entries))

    def get(self, name: str) -> Tree | None:
        """Return the value under a key, by the key's text."""
        for key, value in self.entries:
            if key.text == name:
                return value
        return None

    def keys(self) -> Iterator[str]:
        return (key.text for key, _ in self.entries)


Tree = Scalar | Sequence | Mapping


def plain(tree: Tree) -> Any:
    """Return the tree as dicts, lists and scalar values (a dict's keys are the keys' texts)."""
    if isinstance(tree, Scalar):
        return tree.value
    if isinstance(tree, Sequence):
        return [plain(item) for item in tree.items]
    return {key.text: plain(value) for key, value in tree.entries}


def describe(tree: Tree) -> str:
    """Return what a node is, for messages: a list, a mapping, the text abc, the number 3."""
    if isinstance(tree, Sequence):
        return "a list"
    if isinstance(tree, Mapping):
        return "a mapping"
    if tree.value is None:
        return "nothing"
    kind = {bool: "the boolean", int: "the number", float: "the number", str: "the text"}[type(tree.value)]
    text = tree.text if len(tree.text) <= 40 else tree.text[:37] + "..."
    return f"{kind} {text}"
