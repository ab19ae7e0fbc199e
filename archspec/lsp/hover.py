"""Hovers: a layer with its shape and cost, an argument, the value of a parameter."""

from __future__ import annotations

import re

from msgspec import Struct

from archspec.analysis.cost import Cost
from archspec.diagnostics import Span
from archspec.ir.parameters import show
from archspec.ir.types import ValueType
from archspec.language.symbols import Definition, OpDefinition
from archspec.lowering.values import FAILED
from archspec.lsp.analysis import Analysis
from archspec.lsp.cursor_path import CursorPath, callee_of, find_cursor_path
from archspec.lsp.descriptions import CARRIERS, KEYS, LAYER, ROLES, SHORTCUTS, STRUCTURE, VALUES
from archspec.lsp.layer_lookup import LayerUse, LayerUses, find_layers
from archspec.lsp.signatures import about, describe_argument, format_signature
from archspec.source import Scalar

NAME = re.compile(r"[^\W\d]\w*")
MOST_SHAPES, MOST_DECISIONS = 6, 4


class Hover(Struct, frozen=True):
    """Markdown, and the span that it is about."""

    text: str
    span: Span


def hover(analysis: Analysis, line: int, column: int) -> Hover | None:
    """Return the hover of a line and column, or None."""
    if analysis.tree is None:
        return None
    cursor = find_cursor_path(analysis.tree, line, column, analysis.definitions)
    return _word(analysis, cursor, line, column) or _layer(analysis, cursor, line, column)


def _word(analysis: Analysis, cursor: CursorPath, line: int, column: int) -> Hover | None:
    """Return the hover of a key that is no layer, or of a name inside an expression."""
    key, node = cursor.key, cursor.last
    if key is not None:
        text = _key(analysis, cursor, key)
        return Hover(text, key.span) if text else None
    tree = node.tree
    if not isinstance(tree, Scalar):
        return None
    if node.role == "reference" and tree.text in VALUES:
        return Hover(f"`{tree.text}`: {VALUES[tree.text]}", tree.span)
    if node.role == "shortcut" and tree.text in SHORTCUTS:
        return Hover(f"`{tree.text}`: {SHORTCUTS[tree.text]}", tree.span)
    name = name_at(tree, line, column)
    # Inside a block a name means the block's parameter, whose value differs from call to call.
    if name is not None and not node.block and node.role not in ("layer", "reference", "share", "file", "name"):
        known = _value(analysis, *name)
        if known is not None:
            return known
    if node.role in ("block value", "shortcut", "literal"):
        definition = analysis.definitions.find(tree.text, library=False)
        return Hover(described(definition), tree.span) if definition else None
    return None


def _key(analysis: Analysis, cursor: CursorPath, key: Scalar) -> str:
    node, name = cursor.last, key.text
    if node.role in KEYS and name in KEYS[node.role]:
        return f"`{name}`: {KEYS[node.role][name]}"
    if node.role in CARRIERS and name in LAYER:
        return f"`{name}`: {LAYER[name]}"
    callee = callee_of(node)
    if callee:
        definition = analysis.definitions.find(callee, library=False)
        parameter = next((p for p in definition.parameters if p.name == name), None) if definition else None
        return describe_argument(parameter, definition) if parameter is not None else ""
    if node.role in ("params", "values", "variant") and not node.block:
        known = _value(analysis, name, key.span)
        return known.text if known is not None else ""
    return f"`{name}`: {ROLES[name]}" if node.role == "defaults" and name in ROLES else ""


def name_at(tree: Scalar, line: int, column: int) -> tuple[str, Span] | None:
    """Return the identifier of a one-line text under a line and column."""
    if tree.span.line != tree.span.end_line or line != tree.span.line:
        return None
    offset = 1 if tree.quoted else 0
    for found in NAME.finditer(tree.text):
        start = tree.span.column + offset + found.start()
        if start <= column <= start + len(found[0]):
            return found[0], Span(tree.span.file, line, start, line, start + len(found[0]))
    return None


def _value(analysis: Analysis, name: str, span: Span) -> Hover | None:
    """Return the hover of a parameter: its value in the base, and the variants that set it."""
    if name not in analysis.values or analysis.spec is None:
        return None
    value = analysis.values[name]
    lines = [f"`{name}` has no value: its definition is wrong" if value == FAILED else f"`{name} = {show(value)}`"]
    declaration = analysis.spec.document.params.get(name)
    if declaration is not None and declaration.about:
        lines.append(declaration.about)
    others = [v for v, variant in analysis.spec.document.variants.items() if name in variant.values]
    if others:
        lines.append("set by " + ", ".join(others))
    return Hover("\n\n".join(lines), span)


def _layer(analysis: Analysis, cursor: CursorPath, line: int, column: int) -> Hover | None:
    """Return the hover of the layer around the cursor: its kind, output, cost, and what the compiler inserted."""
    found = find_layers(analysis, line, column)
    if found is not None:
        definition = analysis.definitions.find(found.uses[0].kind, library=False)
        return Hover("\n\n".join([*_facts(found), *([described(definition)] if definition else [])]), found.span)
    key, tree = cursor.key, cursor.last.tree
    word = key if key is not None else tree if isinstance(tree, Scalar) else None
    if word is None or cursor.last.role not in ("layer", "shortcut"):
        return None
    if word.text in STRUCTURE or word.text in ROLES:
        return Hover(f"`{word.text}`: {STRUCTURE.get(word.text) or ROLES[word.text]}", word.span)
    definition = analysis.definitions.find(word.text, library=False)
    return Hover(described(definition), word.span) if definition else None


def _facts(found: LayerUses) -> list[str]:
    uses = found.uses
    several = f", {len(uses)} times" if len(uses) > 1 else ""
    lines = [f"**{uses[0].kind}** `{uses[0].path}`{several}"]
    shapes = list(dict.fromkeys(_shapes(use) for use in uses))
    lines.append("  \n".join(shapes[:MOST_SHAPES]) + (f"  \nand {len(shapes) - MOST_SHAPES} more" * (len(shapes) > 6)))
    total = sum((use.cost for use in uses), Cost())
    lines.append(_price(total))
    if uses[0].inserted:
        lines.append(f"put in by the compiler: {uses[0].inserted}")
    for item in found.decisions[:MOST_DECISIONS]:
        what = "put in" if item.kind == "inserted" else "dropped"
        lines.append(f"{item.block} {what} at `{item.path}`: {item.reason} ({_price(item.cost)})")
    return lines


def _shapes(use: LayerUse) -> str:
    return f"`{_types(use.inputs)}` → `{_types(use.outputs)}`"


def _types(types: tuple[ValueType, ...]) -> str:
    return ", ".join(f"{t.kind} {t}" if t.known else "unknown" for t in types) or "nothing"


def _price(cost: Cost) -> str:
    return f"{cost.params:,} parameters, {cost.macs:,} MACs"


def described(definition: Definition) -> str:
    """Return what an op or block is, and its signature."""
    kind = "op" if isinstance(definition, OpDefinition) else "block"
    return f"{about(definition)}\n\n`{format_signature(definition)}` ({kind})"
