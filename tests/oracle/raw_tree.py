"""A spec as a tree of raw scalars that is written back one entry a line, so that every part has its own line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

Tree = Any
"""A dict, a list, or the text of a scalar as it stands in YAML, with its quotes."""
Path = tuple[str | int, ...]


def read(text: str) -> Tree:
    """Return the tree of a YAML text; comments are lost, scalars keep their spelling."""
    return _converted(yaml.compose(text, Loader=yaml.SafeLoader))


def _converted(node: yaml.Node | None) -> Tree:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _converted(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_converted(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    return f'"{node.value}"' if node.style else node.value


def write(tree: Tree) -> tuple[str, dict[Path, int]]:
    """Return the text of a tree, and the line on which each part of it begins (counted from 1)."""
    lines: list[str] = []
    places: dict[Path, int] = {}
    _write(tree, (), "", lines, places)
    return "\n".join(lines) + "\n", places


def _write(tree: Tree, path: Path, indent: str, lines: list[str], places: dict[Path, int]) -> None:
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in entries:
        here = (*path, key)
        places[here] = len(lines) + 1
        start = f"{indent}-" if isinstance(key, int) else f"{indent}{key}:"
        if _is_flat(key, value):
            lines.append(f"{start} {_flow(value, isinstance(key, int))}")
            places.update(dict.fromkeys(_below(value, here), len(lines)))
        elif isinstance(key, int) and isinstance(value, dict) and len(value) == 1:
            (callee, inner) = next(iter(value.items()))
            lines.append(f"{start} {callee}:")
            places[(*here, callee)] = len(lines)
            _write(inner, (*here, callee), indent + "    ", lines, places)
        else:
            lines.append(start)
            _write(value, here, indent + "  ", lines, places)


SECTIONS = ("params", "let", "defaults", "inputs")
LAYERS = ("stem", "stages", "head", "body", "of", "attention", "gate", "residual", "lens")
"""The keys whose values are lists of layers, as a rule."""


def _is_flat(key: str | int, value: Tree) -> bool:
    """Return whether a part is written on one line: as in the gallery, a layer is, and structure is not."""
    if isinstance(value, dict):
        return key not in SECTIONS and all(_is_flat(inner, item) for inner, item in value.items())
    if isinstance(value, list):
        return key not in LAYERS and all(_is_flat(0, item) for item in value)
    return True


def _flow(value: Tree, item: bool = False) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {_flow(part)}" for key, part in value.items())
        return inner if item and len(value) == 1 else "{" + inner + "}"
    return f'"{value}"' if set(value) & set(",[]{}:") and value[:1] != '"' else str(value)


def _below(value: Tree, path: Path) -> Iterator[Path]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        yield (*path, key)
        yield from _below(item, (*path, key))


def at(tree: Tree, path: Path) -> Tree:
    """Return the part at a path."""
    for key in path:
        tree = tree[key]
    return tree


def scalars(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every scalar with its path, in the order written."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from scalars(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from scalars(value, (*path, index))
    else:
        yield path, tree
