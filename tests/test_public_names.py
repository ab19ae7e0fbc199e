"""The public names: one list, from which the lazy table is read, and one tree of exceptions."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import archspec
from archspec import errors


def declared() -> dict[str, str]:
    """The names that a type checker sees in archspec/__init__.py, each with its module."""
    (block,) = (node for node in ast.parse(Path(archspec.__file__).read_text(encoding="utf-8")).body
                if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")  # fmt: skip
    names: dict[str, str] = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        assert node.module is not None
        for alias in node.names:
            assert alias.asname == alias.name, f"write `import {alias.name} as {alias.name}`"
            names[alias.name] = node.module
    return names


def test_every_declared_name_is_public_and_the_other_way_round() -> None:
    assert sorted(declared()) == archspec.__all__
    assert set(archspec.__all__) <= set(dir(archspec))


@pytest.mark.torch
@pytest.mark.parametrize(("name", "home"), sorted(declared().items()))
def test_a_public_name_is_what_its_module_has(name: str, home: str) -> None:
    value = getattr(archspec, name)
    assert value is getattr(import_module(home), name)
    assert inspect.getdoc(value)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'archspec' has no attribute 'bulid'"):
        _ = archspec.bulid  # type: ignore[attr-defined]


def test_all_exceptions_are_public_and_have_one_base() -> None:
    classes = [
        value for value in vars(errors).values() if inspect.isclass(value) and value.__module__ == errors.__name__
    ]
    for kind in classes:
        assert issubclass(kind, archspec.ArchspecError)
        assert getattr(archspec, kind.__name__) is kind


def test_the_tree_in_the_docstring_names_every_exception_with_its_builtin_base() -> None:
    tree = errors.__doc__ or ""
    for kind in archspec.ArchspecError.__subclasses__():
        builtin = [base.__name__ for base in kind.__bases__ if base.__module__ == "builtins"]
        article = {"I": "an"}
        named = "".join(f" ({article.get(name[0], 'a')} {name})" for name in builtin)
        assert f"  * {kind.__name__}{named}: " in tree
