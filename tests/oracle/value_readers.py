"""The layers that read the value of a part of a tree: the next one, those that name it, and the join around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.oracle.layers import STRUCTURE, callee_of, layers
from tests.oracle.raw_tree import Path, Tree, at, scalars

ORDER = ("stem", "stages", "head")
SOURCES = ("from", "share", "add", "concat", "multiply")


def is_reference(path: Path) -> bool:
    """Return whether the scalar at a path names a value."""
    return any(key in SOURCES for key in path[-3:]) and path[-1] not in ("name", "axis", "broadcast", "scale")


def names_in(tree: Tree) -> set[str]:
    """Return the names of layers that are written in a part."""
    return {value.strip('"') for path, value in scalars(tree) if path[-1:] == ("name",)}


def references(tree: Tree, names: set[str]) -> Iterator[Path]:
    """Yield the layers that name one of these values, or a part of it."""
    for path, value in scalars(tree):
        parts = re.split(r"[.\[]", value.strip('"'))
        if is_reference(path) and any(".".join(parts[:n]) in names for n in range(1, len(parts) + 1)):
            yield path


def readers(tree: Tree, path: Path) -> Iterator[Path]:
    """Yield the readers of the layer that a path lies in, or of the network's input."""
    if path[0] == "inputs":
        yield from references(tree, {str(path[1])})
    if path[0] in ("input", "inputs"):
        yield from _starts(tree, (next(key for key in ORDER if tree.get(key)), 0))
    layer = enclosing(tree, path)
    if layer is None:
        return
    yield from following(tree, layer)
    while layer is not None:
        own = at(tree, layer)
        callee = callee_of(own)
        name = own.get("name") if isinstance(own, dict) and "block" in own else None
        if isinstance(own, dict) and isinstance(own.get(callee), dict):
            name = own[callee].get("name")
        if isinstance(name, str):
            yield from references(tree, {name.strip('"')})
        layer = enclosing(tree, layer[:-1]) if _is_last(tree, layer) else None


def _is_last(tree: Tree, path: Path) -> bool:
    return int(path[-1]) == len(at(tree, path[:-1])) - 1


def enclosing(tree: Tree, path: Path) -> Path | None:
    """Return the innermost layer that a path lies in."""
    return max((p.path for p in layers(tree) if path[: len(p.path)] == p.path), key=len, default=None)


def following(tree: Tree, path: Path) -> Iterator[Path]:
    """Yield the layers that start from a layer's value: the next one, or the join around a list and what follows it."""
    siblings, index = path[:-1], int(path[-1])
    if index + 1 < len(at(tree, siblings)):
        yield from _starts(tree, (*siblings, index + 1))
        return
    if len(siblings) == 1 and siblings[0] in ORDER:
        later = [key for key in ORDER[ORDER.index(str(siblings[0])) + 1 :] if tree.get(key)]
        if later:
            yield from _starts(tree, (later[0], 0))
        return
    around = enclosing(tree, siblings)
    if around is not None:
        yield around
        yield from following(tree, around)


def _starts(tree: Tree, path: Path) -> Iterator[Path]:
    """Yield a layer, and the first layers inside it if it is structure."""
    yield path
    if callee_of(at(tree, path)) in STRUCTURE:
        inner = [p.path for p in layers(tree) if p.path[: len(path)] == path and len(p.path) > len(path)]
        first = [p for p in inner if p[-1] == 0 and not any(p[: len(q)] == q for q in inner if q != p)]
        for start in first:
            yield from _starts(tree, start)
