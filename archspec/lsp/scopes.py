"""The names in scope at the cursor: of layers, by body, and of parameters."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.diagnostics import Span
from archspec.language.expressions import could_give, literal_parts
from archspec.lsp.cursor_path import CursorPath
from archspec.source import Mapping, Scalar, Sequence, Tree

LISTS = ("stem", "stages", "head", "body", "of")


def names_in(tree: Tree | None) -> Iterator[Scalar]:
    """Yield the names of the layers in a list, also inside structure, in the order written."""
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


def layer_names_in_body(tree: Tree | None, cursor: CursorPath) -> list[Scalar]:
    """Return the names of the layers in the cursor's body: the spec's own, or that of a block."""
    if not isinstance(tree, Mapping):
        return []
    block = _block(tree, cursor)
    if block is not None:
        return list(names_in(block.get("body")))
    return [name for heading in ("stem", "stages", "head") for name in names_in(tree.get(heading))]


def resolve_layer(names: list[Scalar], reference: str) -> Scalar | None:
    """Return the layer name that a reference means: its longest prefix that is one.

    A computed name (`${index}`) matches everything that it could evaluate to.
    """
    path = reference.split("[")[0].split(".")
    # `layer1.0.conv` refers into the layer `layer1` unless a layer has the whole name.
    for length in range(len(path), 0, -1):
        wanted = ".".join(path[:length])
        for name in names:
            if name.text == wanted or _may_be(name.text, wanted):
                return name
    return None


def _may_be(written: str, wanted: str) -> bool:
    if "${" not in written and "${" not in wanted:
        return False
    # Where the reference is computed as well, any sample will do for its inserted part: `.*` matches all.
    return could_give(written, "0".join(literal_parts(wanted)))


def parameters_in_scope(tree: Tree | None, cursor: CursorPath) -> dict[str, Span]:
    """Return the parameters, sizes and lets that an expression at the cursor may use, with their spans."""
    owner = _block(tree, cursor) if isinstance(tree, Mapping) else None
    owner = owner or (tree if isinstance(tree, Mapping) else None)
    found: dict[str, Span] = {}
    for heading in ("sizes", "params", "let"):
        group = owner.get(heading) if owner is not None else None
        if isinstance(group, Mapping):
            found.update((key.text, key.span) for key, _ in group.entries)
    return found


def loop_variables(cursor: CursorPath) -> list[str]:
    """Return the loop variables of the layers around the cursor."""
    found = []
    for node in cursor.nodes:
        if isinstance(node.tree, Mapping) and node.tree.get("repeat") is not None:
            variable = node.tree.get("as")
            found.extend([variable.text if isinstance(variable, Scalar) else "index", "repeat"])
    return found


def _block(tree: Mapping, cursor: CursorPath) -> Mapping | None:
    """Return the definition of the block around the cursor, if any."""
    name = cursor.last.block
    blocks = tree.get("blocks")
    block = blocks.get(name) if name and isinstance(blocks, Mapping) else None
    return block if isinstance(block, Mapping) else None
