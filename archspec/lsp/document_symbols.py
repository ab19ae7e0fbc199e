"""The outline of a spec: its headings, parameters, blocks, variants, and its layers by name."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.lsp.analysis import Analysis
from archspec.source import Mapping, Scalar, Sequence, Tree

HEADINGS = ("input", "inputs", "params", "let", "defaults", "blocks", "stem", "stages", "head", "outputs", "variants")
ENTRIES = {"inputs": "input", "params": "parameter", "let": "parameter", "blocks": "block", "variants": "variant"}
LAYERS = ("stem", "stages", "head")


class OutlineSymbol(Struct, frozen=True):
    """One line of the outline: its name, its kind, its span, and its children."""

    name: str
    kind: str  # heading, input, parameter, block, variant, layer
    span: Span
    selected: Span
    below: tuple[OutlineSymbol, ...] = ()


def document_symbols(analysis: Analysis) -> tuple[OutlineSymbol, ...]:
    """Return the headings of a spec, each with its entries or layers."""
    tree = analysis.tree
    if not isinstance(tree, Mapping):
        return ()
    found = []
    for key, value in tree.entries:
        # A value behind an alias has the span of its anchor, which lies elsewhere in the text.
        if key.text in HEADINGS and value.alias is None:
            below = tuple(_layers(value)) if key.text in LAYERS else tuple(_entries(value, ENTRIES.get(key.text, "")))
            found.append(OutlineSymbol(key.text, "heading", _around(key.span, value.span), key.span, below))
    return tuple(found)


def _entries(tree: Tree, kind: str) -> Iterator[OutlineSymbol]:
    if kind and isinstance(tree, Mapping):
        for key, value in tree.entries:
            if value.alias is None:
                yield OutlineSymbol(key.text, kind, _around(key.span, value.span), key.span)


def _layers(tree: Tree) -> Iterator[OutlineSymbol]:
    for item in tree.items if isinstance(tree, Sequence) else ():
        if item.alias is not None:
            continue
        title = _title(item)
        if title is not None:
            yield OutlineSymbol(title, "layer", item.span, item.span)


def _title(item: Tree) -> str | None:
    """Return the title of a layer: its op or block, and its name."""
    if isinstance(item, Scalar):
        return item.text or None
    if not isinstance(item, Mapping) or not item.entries:
        return None
    key, value = item.entries[0]
    block = item.get("block")
    callee = block.text if isinstance(block, Scalar) else key.text
    holder = item if block is not None else value
    name = holder.get("name") if isinstance(holder, Mapping) else None
    return f"{callee} {name.text}" if isinstance(name, Scalar) else callee


def _around(key: Span, value: Span) -> Span:
    end = max((key.end_line, key.end_column), (value.end_line, value.end_column))
    return Span(key.file, key.line, key.column, *end)
