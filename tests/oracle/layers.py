"""The layers of a tree: the place of each, its op or block, and its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from archspec.language.symbols import library_block
from archspec.ops import op_parameters
from tests.oracle.raw_tree import LAYERS, Path, Tree, at

STRUCTURE = ("residual", "sequence", "branches", "layers", "network")
VARIADIC = ("add", "concat", "multiply")


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a layer: its list and its index there."""

    list_path: Path
    index: int
    callee: str

    @property
    def path(self) -> Path:
        return (*self.list_path, self.index)


def layers(tree: Tree, path: Path = ()) -> Iterator[Place]:
    """Yield every layer, in the order written."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if isinstance(value, list) and key in LAYERS and key != "of":
                for index, item in enumerate(value):
                    yield Place((*path, key), index, callee_of(item))
            yield from layers(value, (*path, key))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            if path[-1:] == ("of",) and isinstance(item, list):
                for inner, layer in enumerate(item):
                    yield Place((*path, index), inner, callee_of(layer))
            yield from layers(item, (*path, index))


def callee_of(layer: Tree) -> str:
    """Return the op or block that a layer uses."""
    if isinstance(layer, dict):
        return str(layer.get("block") or next(iter(layer)))
    return str(layer)


@cache
def main_of(callee: str) -> str | None:
    """Return the parameter that `callee: value` sets."""
    block = library_block(callee)
    if block is not None:
        return block.parameters[0].name if block.parameters else None
    return next((p.name for p in op_parameters(callee) if p.main), None)


def arguments(tree: Tree, place: Place) -> tuple[Path, dict[str, Tree]]:
    """Return the path of the mapping with a layer's arguments, and the mapping; made where there is none."""
    layer = at(tree, place.path)
    holder = at(tree, place.list_path)
    if isinstance(layer, str):
        holder[place.index] = layer = {layer: {}}
    if "block" in layer:
        return place.path, layer
    if not isinstance(layer[place.callee], dict):
        main = "from" if place.callee in VARIADIC else main_of(place.callee)
        layer[place.callee] = {} if main is None else {main: layer[place.callee]}
    return (*place.path, place.callee), layer[place.callee]


def argument_of(tree: Tree, place: Place, name: str) -> Tree | None:
    """Return the value of an argument as the layer writes it; None where it does not."""
    layer = at(tree, place.path)
    if isinstance(layer, str):
        return None
    if "block" in layer:
        return layer.get(name)
    inner = layer[place.callee]
    if isinstance(inner, dict):
        return inner.get(name)
    return inner if name == main_of(place.callee) else None
