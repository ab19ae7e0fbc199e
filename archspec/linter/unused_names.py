"""Parameters, values and blocks that a spec declares and never mentions again; found in its text alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from archspec.language.expressions import identifiers_in
from archspec.source import Mapping, Scalar, Sequence, Tree

SECTIONS: Final = {
    "params": "the parameter",
    "let": "the value",
    "blocks": "the block",
    "defaults": "the default for",
}
"""The sections of declarations, with what a message calls one."""
_QUOTED: Final = re.compile(r"""(?<=')[^']*(?=')|(?<=")[^"]*(?=")""")
_CONSULTED: Final = ("channels", "stride", "always")
"""Parameters of a shortcut block that the compiler reads and sets; the body need not mention them."""


class UnusedDeclaration(Struct, frozen=True):
    """One declaration: its key, the section that it is in, and whether all of that section are unused.

    `holder` is the mapping that has the section under the key `name`. Not `removable`: a variant or a caller sets it.
    """

    key: Scalar
    section: Mapping
    holder: Mapping
    name: str
    all_unused: bool
    removable: bool


class MentionCache:
    """The names that subtrees mention, kept for the next version of a text, which shares most of its subtrees.

    Entries are found by identity: comparing trees would cost as much as collecting their names.
    """

    def __init__(self) -> None:
        self._previous: dict[int, tuple[Tree, set[str], set[str]]] = {}
        self._current: dict[int, tuple[Tree, set[str], set[str]]] = {}

    def begin_run(self) -> None:
        """Forget the subtrees that the last run did not see."""
        self._previous, self._current = self._current, {}

    def names_of(self, tree: Tree) -> tuple[set[str], set[str]]:
        """Return the names in the values and in the keys of a tree."""
        found = self._previous.get(id(tree))  # it holds the tree, so that its id is not another's
        if found is None:
            values: set[str] = set()
            keys: set[str] = set()
            _collect(tree, values, keys)
            found = (tree, values, keys)
        self._current[id(tree)] = found
        return found[1], found[2]


class _Mentions:
    """The number of declarations that mention each name, in values and in keys."""

    def __init__(self, cache: MentionCache) -> None:
        self._cache = cache
        self.values: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()

    def add(self, *trees: Tree) -> tuple[set[str], set[str]]:
        """Count the names that the trees mention, each once; return those in values and in keys."""
        names = [self._cache.names_of(tree) for tree in trees]
        values = set().union(*(pair[0] for pair in names))
        keys = set().union(*(pair[1] for pair in names))
        self.values.update(values)
        self.keys.update(keys)
        return values, keys


def find_unused_declarations(root: Mapping, cache: MentionCache) -> Iterator[UnusedDeclaration]:
    """Yield the parameters, values and blocks that no other part of a spec mentions; then those inside its blocks."""
    cache.begin_run()
    yield from _unused_in(root, ("params", "let", "blocks"), (), _overridden(root), cache)
    blocks = root.get("blocks")
    for _, block in blocks.entries if isinstance(blocks, Mapping) else ():
        if isinstance(block, Mapping) and block.alias is None:
            yield from _unused_in(block, ("params", "let"), _CONSULTED, _arguments_of(root, cache), cache)


def _unused_in(
    holder: Mapping, sections: tuple[str, ...], exempt: tuple[str, ...], fixed: set[str], cache: MentionCache
) -> Iterator[UnusedDeclaration]:
    """Yield the unused declarations of some sections; those in `fixed` are set elsewhere and cannot just be removed."""
    mentions = _Mentions(cache)
    own: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for key, value in holder.entries:
        if key.text in sections and isinstance(value, Mapping):
            for name, declared in value.entries:
                # A declaration does not count as a use of itself.
                own[key.text, name.text] = mentions.add(declared)
        # A variant's keys set parameters; only its values mention names.
        elif key.text == "variants" and isinstance(value, Mapping):
            mentions.add(*(v for _, inner in value.entries if isinstance(inner, Mapping) for _, v in inner.entries))
        # `about` is prose: a word in it is no use of a name.
        elif key.text != "about":
            mentions.add(value)
    for title, section in holder.entries:
        if title.text not in sections or not isinstance(section, Mapping) or section.alias is not None:
            continue
        idle = [
            (key, value)
            for key, value in section.entries
            if key.text not in exempt and not _is_used(key.text, value, title.text, own[title.text, key.text], mentions)
        ]
        # Removed one by one, the last would leave an empty section; all at once, the section goes with them.
        every = len(idle) == len(section.entries) and all(key.text not in fixed for key, _ in idle)
        for key, value in idle:
            # What comes from an anchor or a merge is written elsewhere, where others may use it.
            if value.alias is None and key.text not in section.inherited:
                # A parameter that a variant or a caller sets is still an interface, used or not.
                removable = title.text != "params" or key.text not in fixed
                yield UnusedDeclaration(key, section, holder, title.text, every, removable)


def _is_used(name: str, value: Tree, section: str, own: tuple[set[str], set[str]], mentions: _Mentions) -> bool:
    if mentions.values[name] > (name in own[0]):
        return True
    # A block is used by its name as a key (`my_block: 64`); any other name as a key is an argument.
    return (section == "blocks" or _may_be_block(value)) and mentions.keys[name] > (name in own[1])


def _may_be_block(value: Tree) -> bool:
    """Return whether a parameter may hold a block, whose name can then be a key."""
    if isinstance(value, Scalar):
        return isinstance(value.value, str)
    return isinstance(value, Mapping)


def _collect(tree: Tree, values: set[str], keys: set[str]) -> None:
    if isinstance(tree, Scalar):
        values.update(_words(tree.text))
    elif isinstance(tree, Sequence):
        for item in tree.items:
            _collect(item, values, keys)
    else:
        for key, value in tree.entries:
            keys.update(_words(key.text))
            if key.text != "about" or not isinstance(value, Scalar):
                _collect(value, values, keys)


def _words(text: str) -> set[str]:
    """Return the names in a text, the text itself and what it quotes: a block may be called `my-block`."""
    return {text, *identifiers_in(text), *_QUOTED.findall(text)}


def _overridden(root: Mapping) -> set[str]:
    """Return the parameters that variants set."""
    variants = root.get("variants")
    if not isinstance(variants, Mapping):
        return set()
    return {key.text for _, values in variants.entries if isinstance(values, Mapping) for key, _ in values.entries}


def _arguments_of(root: Mapping, cache: MentionCache) -> set[str]:
    """Return every key outside the declarations: a block's parameter that one of them may set cannot be removed."""
    keys: set[str] = set()
    for key, value in root.entries:
        if key.text == "blocks" and isinstance(value, Mapping):
            for _, block in value.entries:
                for name, inner in block.entries if isinstance(block, Mapping) else ():
                    if name.text not in ("params", "let"):
                        keys |= cache.names_of(inner)[1]
        else:
            keys |= cache.names_of(value)[1]
    return keys
