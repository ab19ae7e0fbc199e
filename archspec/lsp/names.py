"""The names that a spec's text defines: its layers' by body, and the parameters that expressions may use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.diagnostics import Span
from archspec.lsp.places import Cursor
from archspec.source import Mapping, Scalar, Sequence, Tree

LISTS = ("stem", "stages", "head", "body", "of")
INSERTED = re.compile(r"\$\{[^}]*\}")


def names_in(tree: Tree | None) -> Iterator[Scalar]:
    """The names that the layers of a list give themselves, also through structure, in the order written."""
    if isinstance(tree, Sequence):
        for item in tree.items:
            yield from names_in(item)
    elif isinstance(tree, Mapping):
        name = tree.get("name")
        if isinstance(name, Scalar):
            yield name
        for key, value in tree.entries:
            if isinstance(value, Mapping) or key.text in (*LISTS, "residual", "sequence", "branches"):
                yield from names_in(value)


def body_names(tree: Tree | None, cursor: Cursor) -> list[Scalar]:
    """The names of the layers in the body that the cursor is in: the spec's own, or one block's."""
    if not isinstance(tree, Mapping):
        return []
    block = _block(tree, cursor)
    if block is not None:
        return list(names_in(block.get("body")))
    return [name for heading in ("stem", "stages", "head") for name in names_in(tree.get(heading))]


def layer_named(names: list[Scalar], reference: str) -> Scalar | None:
    """The name that a reference means: the longest that it begins with; computed names fit whatever they may give."""
    path = reference.split("[")[0].split(".")
    for length in range(len(path), 0, -1):
        wanted = ".".join(path[:length])
        for name in names:
            if name.text == wanted or _may_be(name.text, wanted):
                return name
    return None


def _may_be(written: str, wanted: str) -> bool:
    if "${" not in written and "${" not in wanted:
        return False
    fixed = [re.escape(part) for part in INSERTED.split(written)]
    return re.fullmatch(".*".join(fixed), INSERTED.sub("0", wanted)) is not None


def parameter_keys(tree: Tree | None, cursor: Cursor) -> dict[str, Span]:
    """The parameters, sizes and lets that an expression at the cursor may use, and where each is declared."""
    owner = _block(tree, cursor) if isinstance(tree, Mapping) else None
    owner = owner or (tree if isinstance(tree, Mapping) else None)
    found: dict[str, Span] = {}
    for heading in ("sizes", "params", "let"):
        group = owner.get(heading) if owner is not None else None
        if isinstance(group, Mapping):
            found.update((key.text, key.span) for key, _ in group.entries)
    return found


def loop_names(cursor: Cursor) -> list[str]:
    """The loop variables of the layers around the cursor."""
    found = []
    for place in cursor.places:
        if isinstance(place.tree, Mapping) and place.tree.get("repeat") is not None:
            variable = place.tree.get("as")
            found.extend([variable.text if isinstance(variable, Scalar) else "index", "repeat"])
    return found


def _block(tree: Mapping, cursor: Cursor) -> Mapping | None:
    """The definition of the block that the cursor is inside, if any."""
    name = cursor.last.block
    blocks = tree.get("blocks")
    block = blocks.get(name) if name and isinstance(blocks, Mapping) else None
    return block if isinstance(block, Mapping) else None
