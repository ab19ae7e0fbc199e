"""Nodes are compared by what is written and where: `==` and `!=` agree, and keys and aliases do not count."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from msgspec import Struct

import archspec
from archspec.source import Tree, compose


def parse(text: str) -> Tree:
    tree, found = compose(text, "<text>")
    assert tree is not None
    assert not found
    return tree


@pytest.mark.parametrize("text", ["a", "[a, 1]", "{a: {b: 1}}"])
def test_trees_of_one_text_are_equal_and_not_unequal(text: str) -> None:
    one, other = parse(text), parse(text)
    assert one == other
    assert (one != other) is False
    assert hash(one) == hash(other)
    assert one != parse(f" {text}")


def structs(kind: type[Struct]) -> Iterator[type[Struct]]:
    for below in kind.__subclasses__():
        yield below
        yield from structs(below)


def test_a_struct_that_compares_in_its_own_way_says_what_unequal_means() -> None:
    # Without `__ne__` it inherits that of msgspec.Struct, by which equal values are unequal as well.
    for module in walk_packages(archspec.__path__, "archspec."):
        if module.name.startswith(("archspec.lowering", "archspec.source", "archspec.ir", "archspec.language")):
            import_module(module.name)
    found = [kind for kind in structs(Struct) if "__eq__" in vars(kind) and kind.__module__.startswith("archspec.")]
    assert len(found) >= 4
    assert [kind for kind in found if "__ne__" not in vars(kind)] == []
