"""Numbered mutants: the same number is the same mutant in every process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from tests.oracle.families import FAMILIES, family
from tests.oracle.mutations import KINDS
from tests.oracle.raw_tree import Path, Tree, at, scalars, write
from tests.oracle.value_readers import names_in, readers, references

GONE = ("dropped layer", "when")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A design with one mistake in it, perhaps: its text, and the lines that were changed or read what was changed.

    `elsewhere` is the same design for inputs of another height, width or length. A layer that is gone has no line:
    `gap` is where it was.
    """

    number: int
    family: str
    kind: str
    text: str
    lines: frozenset[int]
    elsewhere: str
    gap: int | None

    def __str__(self) -> str:
        return f"mutant {self.number}: {self.kind} of {self.family}, lines {sorted(self.lines)}\n{self.text}"


def mutant(number: int) -> Mutant:
    """Return the mutant of that number; kinds take turns, and families are drawn, so that all occur often."""
    random = Random(number)
    kinds = list(KINDS)
    kind = kinds[number % len(kinds)]
    families = list(FAMILIES)
    random.shuffle(families)
    for name in families:
        tree = family(name)
        before, named = write(tree)[0], names_in(tree)
        changed = KINDS[kind](random, tree)
        text, places = write(tree)
        if changed is not None and text != before:
            # Layers that refer to a name that is gone are where the mistake shows.
            lost = named - names_in(tree)
            lines = _lines(tree, changed, places) | {places[path] for path in references(tree, lost)}
            gone = kind in GONE or any(path[-1] == "repeat" and at(tree, path) == "0" for path in changed)
            gap = min(places[path] for path in changed) if gone else None
            return Mutant(number, name, kind, text, frozenset(lines), write(_resized(random, tree))[0], gap)
    raise LookupError(f"no family has anything for {kind}")


def _resized(random: Random, tree: Tree) -> Tree:
    """Change the size of an input along one axis, unless it is a vector; return the tree."""
    shapes = [tree["input"]] if "input" in tree else list(tree["inputs"].values())
    shapes = [shape["shape"] if isinstance(shape, dict) else shape for shape in shapes]
    shapes = [tree["params"][shape] if isinstance(shape, str) else shape for shape in shapes]
    axes = [(shape, axis) for shape in shapes for axis in range(len(shape)) if axis or "inputs" in tree]
    if axes:
        shape, axis = random.choice(axes)
        shape[axis] = str(max(1, int(shape[axis]) + random.choice((-3, -2, -1, 1, 2, 5, 8))))
    return tree


def _lines(tree: Tree, changed: list[Path], places: dict[Path, int]) -> set[int]:
    """Return the lines of the changed parts, and of their readers, by name or as the value before."""
    lines = {places[path] for path in changed if path in places}
    for path in changed:
        lines |= {line for place, line in places.items() if place[: len(path)] == path}
        lines |= {places[reader] for reader in readers(tree, path)}
    names = {str(path[1]) for path in changed if path[0] in ("params", "let") and len(path) > 1}
    names |= {
        str(path[3]) for path in changed if path[0] == "blocks" and len(path) > 3 and path[2] in ("params", "let")
    }
    return lines | _mentions(tree, names, places)


def _mentions(tree: Tree, names: set[str], places: dict[Path, int]) -> set[int]:
    """Return the lines whose expressions mention a name, or one computed from it, and those that read such repeats."""
    lines: set[int] = set()
    todo, seen = set(names), set(names)
    while todo:
        name = todo.pop()
        for path, value in scalars(tree):
            if re.search(rf"\b{re.escape(name)}\b", value) and path[-1] != "name":
                lines.add(places[path])
                if path[-1] == "repeat":  # of 0, the layer is missing where it is read
                    lines |= {places[reader] for reader in readers(tree, path)}
                if path[0] in ("params", "let") and str(path[1]) not in seen:
                    seen.add(str(path[1]))
                    todo.add(str(path[1]))
    return lines
