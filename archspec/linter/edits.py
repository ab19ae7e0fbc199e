"""Edits of the layers that findings are about, for `Finding.edits`; NO_EDITS where no edit would be certain.

A layer may be written `conv`, `conv: 64`, `conv: {channels: 64}` or over several lines; all of them are understood.
"""

from __future__ import annotations

from typing import Any

from archspec.ir.flat import FlatNode
from archspec.language.layers import RESERVED, STRUCTURE
from archspec.language.symbols import op_definition
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, Edits, insert_item, remove_entry, remove_item, replace_value, set_entry
from archspec.source.emit_scalar import emit_value
from archspec.source.layout import Layout, TreePath
from archspec.source.tree import Mapping, Scalar, Sequence, Tree


def set_argument(context: RuleContext, node: FlatNode, name: str, value: Any) -> Edits:
    """Return the edit that gives an op's layer an argument, written already or not; NO_EDITS inside the library."""
    layout, path = _layer(context, node)
    if layout is None or not path:
        return NO_EDITS
    return set_in_layer(layout, path, name, value, main_of(node))


def change_number(context: RuleContext, node: FlatNode, name: str, value: float | tuple[int, ...]) -> Edits:
    """Return the edit that changes a number written literally; NO_EDITS for an expression, which others may share."""
    layout, path = _layer(context, node)
    span = dict(node.node.origin.arguments).get(name)
    if layout is None or not path or span is None:
        return NO_EDITS
    tree = next(iter(layout.path(span)[-1:]), None)
    return replace_value(layout, tree, emit_value(value)) if tree is not None and is_literal(tree) else NO_EDITS


def remove_argument(context: RuleContext, node: FlatNode, name: str) -> Edits:
    """Return the edit that removes an argument from an op's layer, so that its default applies."""
    layout, path = _layer(context, node)
    if layout is None or not path:
        return NO_EDITS
    return remove_in_layer(layout, path, name, main_of(node))


def remove_layer(context: RuleContext, node: FlatNode) -> Edits:
    """Return the edit that removes an op's layer; NO_EDITS where its name occurs elsewhere in the text."""
    layout, path = _layer(context, node)
    if layout is None or not path or _is_named_elsewhere(layout, path[-1]):
        return NO_EDITS
    return remove_item(layout, path)


def insert_before(context: RuleContext, node: FlatNode, layer: str | dict[str, Any]) -> Edits:
    """Return the edit that inserts a layer (`"relu"`, `{"conv": {"channels": 64}}`) before that of an op."""
    return _insert(context, node, layer, after=False)


def insert_after(context: RuleContext, node: FlatNode, layer: str | dict[str, Any]) -> Edits:
    """Return the edit that inserts a layer (`"relu"`, `{"conv": {"channels": 64}}`) after that of an op."""
    return _insert(context, node, layer, after=True)


def _insert(context: RuleContext, node: FlatNode, layer: str | dict[str, Any], after: bool) -> Edits:
    layout, path = _layer(context, node)
    if layout is None or len(path) < 2 or not isinstance(path[-2], Sequence):
        return NO_EDITS
    text = emit_value(layer)
    flow = layout.is_flow(path[-2])
    return insert_item(layout, path, text if flow or isinstance(layer, str) else text[1:-1], after)


def main_of(node: FlatNode) -> str:
    """Return the name of the argument that `op: value` sets; empty where there is none."""
    definition = op_definition(node.kind)
    return definition.main.name if definition is not None and definition.main is not None else ""


def is_literal(tree: Tree) -> bool:
    """Return whether a number, or a list of them, is written as such and not computed."""
    if isinstance(tree, Sequence):
        return all(is_literal(item) for item in tree.items)
    return isinstance(tree, Scalar) and isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool)


def _layer(context: RuleContext, node: FlatNode) -> tuple[Layout | None, TreePath]:
    """Return the layout of the text and the path to the layer of an op; an empty path if it is written elsewhere."""
    layout, span = context.layout, node.node.origin.span
    # An inserted layer has the span of what it was inserted for, and is not written there.
    if layout is None or span.file != layout.tree.span.file or node.node.origin.inserted:
        return None, ()
    return layout, layout.path(span)


def set_in_layer(layout: Layout, path: TreePath, name: str, value: Any, main: str) -> Edits:
    """Return the edit that sets an argument of a layer; `main` is the argument that can be written without a name."""
    layer = path[-1]
    if isinstance(layer, Scalar):
        return _bare(layout, path, name, value)
    if not isinstance(layer, Mapping) or not layer.entries:
        return NO_EDITS
    if layer.get("block") is not None:
        return set_entry(layout, layer, name, value)
    callee, inner = layer.entries[0]
    if len(layer.entries) > 1 or callee.text in (*RESERVED, *STRUCTURE) or inner.alias is not None:
        return NO_EDITS
    if isinstance(inner, Mapping):
        return set_entry(layout, inner, name, value)
    if name == main:
        return replace_value(layout, inner, emit_value(value))
    if isinstance(inner, Scalar) and inner.value is None and not inner.quoted:
        return replace_value(layout, inner, emit_value({name: value}))
    # `conv: 64` becomes `conv: {channels: 64, bias: false}`: the value moves into braces.
    kept = _on_one_line(layout, inner)
    if not main or not kept:
        return NO_EDITS
    return replace_value(layout, inner, f"{{{main}: {kept}, {emit_value(name)}: {emit_value(value)}}}")


def _bare(layout: Layout, path: TreePath, name: str, value: Any) -> Edits:
    """Rewrite `conv` as `conv: {name: value}`, in braces unless it is an item of a list with dashes."""
    layer = path[-1]
    text = f"{layout.source(layer)}: {emit_value({name: value})}"
    # `- conv: {..}` needs no braces around it; in `[conv, relu]` or after a key the layer must become a mapping.
    dashed = len(path) > 1 and isinstance(path[-2], Sequence) and not layout.is_flow(path[-2])
    return replace_value(layout, layer, text if dashed else f"{{{text}}}")


def _on_one_line(layout: Layout, tree: Tree) -> str:
    """Return the source of a value for use between brackets; empty where it spans lines."""
    source = layout.source(tree)
    if "\n" in source or "\r" in source:
        return ""
    if isinstance(tree, Scalar):
        return source if tree.quoted or tree.value != tree.text else emit_value(tree.text)
    return source


def remove_in_layer(layout: Layout, path: TreePath, name: str, main: str) -> Edits:
    """Return the edit that removes an argument; a layer with no other becomes its op's bare name."""
    layer = path[-1]
    if not isinstance(layer, Mapping) or not layer.entries:
        return NO_EDITS
    if layer.get("block") is not None:
        return remove_entry(layout, layer, name)
    callee, inner = layer.entries[0]
    if len(layer.entries) > 1 or inner.alias is not None:
        return NO_EDITS
    alone = not isinstance(inner, Mapping) and name == main and bool(main)
    if isinstance(inner, Mapping):
        own = layout.own_entries(inner)
        alone = len(own) == len(inner.entries) == 1 and own[0][0].text == name
        if not alone or _spans_lines(layout, layer):
            return remove_entry(layout, inner, name)
    if not alone or _spans_lines(layout, layer) or layout.has_anchor(layout.start(layer), layout.end(layer)):
        return NO_EDITS
    return (layout.edit(layout.start(layer), layout.end(layer), layout.source(callee)),)


def _spans_lines(layout: Layout, tree: Tree) -> bool:
    source = layout.source(tree)
    return "\n" in source or "\r" in source


def _is_named_elsewhere(layout: Layout, layer: Tree) -> bool:
    """Return whether the layer's own name, if any, occurs anywhere else in the text."""
    inner = layer.entries[0][1] if isinstance(layer, Mapping) and len(layer.entries) == 1 else layer
    holder = inner if isinstance(inner, Mapping) else layer
    name = holder.get("name") if isinstance(holder, Mapping) else None
    if name is None:
        return False
    if not isinstance(name, Scalar) or "${" in name.text or not name.text:
        return True
    start, end = layout.start(layer), layout.end(layer)
    # A text search, not a resolved reference: one too many only means that no fix is offered.
    return name.text in layout.text[:start] or name.text in layout.text[end:]


__all__ = [
    "NO_EDITS",
    "Edits",
    "change_number",
    "insert_after",
    "insert_before",
    "is_literal",
    "remove_argument",
    "remove_layer",
    "set_argument",
]
