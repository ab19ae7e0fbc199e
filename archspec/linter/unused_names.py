"""What a spec declares and never mentions again: parameters, values and blocks. A matter of the text alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from archspec.language.expressions import names_in
from archspec.source import Mapping, Scalar, Sequence, Tree

SECTIONS: Final = {"params": "the parameter", "let": "the value", "blocks": "the block"}
_QUOTED: Final = re.compile(r"""(?<=')[^']*(?=')|(?<=")[^"]*(?=")""")
_CONSULTED: Final = ("channels", "stride", "always")
"""Parameters of a shortcut block that the compiler reads and sets; the body need not mention them."""


class Unused(Struct, frozen=True):
    """One declaration: its key, where it stands in the tree, and whether all of its section are unused."""

    key: Scalar
    section: Mapping
    holder: Mapping  # what the section lies in
    name: str  # of the section
    all_unused: bool
    removable: bool


class _Mentions:
    """The words of a text's values and keys, counted once for each declaration that they stand in."""

    def __init__(self) -> None:
        self.values: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()

    def add(self, *trees: Tree) -> tuple[set[str], set[str]]:
        """Count what the trees mention, as one declaration; what that is."""
        values: set[str] = set()
        keys: set[str] = set()
        for tree in trees:
            _collect(tree, values, keys)
        self.values.update(values)
        self.keys.update(keys)
        return values, keys


def unused(root: Mapping) -> Iterator[Unused]:
    """The parameters, values and blocks of a spec that no other part of it mentions; then those inside its blocks."""
    yield from _unused_in(root, tuple(SECTIONS), (), _overridden(root))
    blocks = root.get("blocks")
    for _, block in blocks.entries if isinstance(blocks, Mapping) else ():
        if isinstance(block, Mapping) and block.alias is None:
            given = _arguments_of(root)
            yield from _unused_in(block, ("params", "let"), _CONSULTED, given)


def _unused_in(
    holder: Mapping, sections: tuple[str, ...], exempt: tuple[str, ...], fixed: set[str]
) -> Iterator[Unused]:
    """The unused declarations of some sections; those in `fixed` are set elsewhere, so that they cannot just go."""
    mentions = _Mentions()
    own: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for key, value in holder.entries:
        if key.text in sections and isinstance(value, Mapping):
            for name, declared in value.entries:
                own[key.text, name.text] = mentions.add(declared)
        elif key.text == "variants" and isinstance(value, Mapping):
            mentions.add(*(v for _, inner in value.entries if isinstance(inner, Mapping) for _, v in inner.entries))
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
        every = len(idle) == len(section.entries) and all(key.text not in fixed for key, _ in idle)
        for key, value in idle:
            if value.alias is None and _within(section, key):
                yield Unused(key, section, holder, title.text, every, title.text != "params" or key.text not in fixed)


def _is_used(name: str, value: Tree, section: str, own: tuple[set[str], set[str]], mentions: _Mentions) -> bool:
    if mentions.values[name] > (name in own[0]):
        return True
    return (section == "blocks" or _may_be_block(value)) and mentions.keys[name] > (name in own[1])


def _may_be_block(value: Tree) -> bool:
    """Whether a parameter may hold a block, whose name can then stand as a key."""
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
    """The names that a text mentions, itself and what it quotes: a block may be called `my-block`, which is no name."""
    return {text, *names_in(text), *_QUOTED.findall(text)}


def _overridden(root: Mapping) -> set[str]:
    """The parameters that variants set."""
    variants = root.get("variants")
    if not isinstance(variants, Mapping):
        return set()
    return {key.text for _, values in variants.entries if isinstance(values, Mapping) for key, _ in values.entries}


def _arguments_of(root: Mapping) -> set[str]:
    """Every key outside the declarations: a parameter of a block that one of them may set cannot just go."""
    keys: set[str] = set()
    for key, value in root.entries:
        if key.text == "blocks" and isinstance(value, Mapping):
            for _, block in value.entries:
                for name, inner in block.entries if isinstance(block, Mapping) else ():
                    if name.text not in ("params", "let"):
                        _collect(inner, set(), keys)
        else:
            _collect(value, set(), keys)
    return keys


def _within(section: Mapping, key: Scalar) -> bool:
    """Whether a key is written in the section, not reached through `<<`."""
    start, end = (section.span.line, section.span.column), (section.span.end_line, section.span.end_column)
    return start <= (key.span.line, key.span.column) < end
