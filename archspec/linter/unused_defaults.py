"""Entries of `defaults:` that no layer of a spec can take: roles that no layer has, ops and blocks that none calls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from archspec.language.expressions import identifiers_in
from archspec.language.symbols import library_file, library_names
from archspec.linter.unused_names import UnusedDeclaration
from archspec.source import Mapping, Scalar, Sequence, Tree, compose

KEY: Final = "defaults"
_IMPLIED: Final = {
    "residual": {"shortcut", "projection", "add"},  # without a `shortcut:` and a `merge:` it has the default ones
    "branches": {"concat"},
    "norm": {"batch_norm"},
    "act": {"relu"},
}
"""What the words of the language mean where nothing else is written."""


def find_unused_defaults(root: Mapping) -> Iterator[UnusedDeclaration]:
    """Yield the entries of every `defaults:` of a spec, of its blocks and layers, whose key nothing mentions.

    Library blocks count with what they are made of. Any mention counts as a use, so that an entry which is found has no
    effect: it can be removed.
    """
    holders = list(_holders(root))
    if not holders:
        return
    names = _reachable_names(root)
    for holder in holders:
        section = holder.get(KEY)
        if not isinstance(section, Mapping) or section.alias is not None:
            continue
        idle = [(key, value) for key, value in section.entries if key.text not in names]
        for key, value in idle:
            if value.alias is None and key.text not in section.inherited:
                every = len(idle) == len(section.entries)
                yield UnusedDeclaration(key, section, holder, KEY, every, removable=True)


def _holders(tree: Tree) -> Iterator[Mapping]:
    """Yield the mappings that have defaults."""
    if isinstance(tree, Sequence):
        for item in tree.items:
            yield from _holders(item)
    elif isinstance(tree, Mapping):
        for key, value in tree.entries:
            if key.text == KEY:
                yield tree
            yield from _holders(value)


def _reachable_names(root: Mapping) -> set[str]:
    """Return the words of a spec outside the keys of its defaults, and those of the library blocks among them."""
    names: set[str] = set()
    waiting = _words(root)
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting |= _IMPLIED.get(name, set()) | _library_words(name)
    return names


@cache
def _library_words(name: str) -> frozenset[str]:
    """Return the words of a library block's definition; none for any other name."""
    if name not in library_names():
        return frozenset()
    tree, _ = compose(library_file(name).read_text(encoding="utf-8"), name)
    return frozenset(_words(tree)) if tree is not None else frozenset()


def _words(tree: Tree) -> set[str]:
    if isinstance(tree, Scalar):
        return {tree.text, *identifiers_in(tree.text)}
    if isinstance(tree, Sequence):
        return set().union(*(_words(item) for item in tree.items))
    found: set[str] = set()
    for key, value in tree.entries:
        if key.text == KEY and isinstance(value, Mapping):
            found.update(*(_words(item) for _, item in value.entries))
        # `about` is prose: a word in it is no use of a name.
        elif key.text != "about":
            found |= {key.text, *identifiers_in(key.text)} | _words(value)
    return found
