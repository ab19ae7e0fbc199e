"""What an editor shows beside the cursor: the layer with its shape and price, an argument, a parameter's value."""

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
from archspec.lsp.describe import about, argument_line, signature
from archspec.lsp.layers import Use, Uses, layers_at
from archspec.lsp.places import Cursor, callee_at, cursor_at
from archspec.lsp.words import CARRIERS, KEYS, LAYER, ROLES, SHORTCUTS, STRUCTURE, VALUES
from archspec.source import Scalar

NAME = re.compile(r"[^\W\d]\w*")
MOST_SHAPES, MOST_DECISIONS = 6, 4


class Hover(Struct, frozen=True):
    """Markdown, and the stretch of text that it is about."""

    text: str
    span: Span


def hover(analysis: Analysis, line: int, column: int) -> Hover | None:
    """What is to be said of the place, or None."""
    if analysis.tree is None:
        return None
    cursor = cursor_at(analysis.tree, line, column, analysis.definitions)
    return _word(analysis, cursor, line, column) or _layer(analysis, cursor, line, column)


def _word(analysis: Analysis, cursor: Cursor, line: int, column: int) -> Hover | None:
    """A key that is no layer, or a name inside an expression."""
    key, place = cursor.key, cursor.last
    if key is not None:
        text = _key(analysis, cursor, key)
        return Hover(text, key.span) if text else None
    tree = place.tree
    if not isinstance(tree, Scalar):
        return None
    if place.role == "reference" and tree.text in VALUES:
        return Hover(f"`{tree.text}`: {VALUES[tree.text]}", tree.span)
    if place.role == "shortcut" and tree.text in SHORTCUTS:
        return Hover(f"`{tree.text}`: {SHORTCUTS[tree.text]}", tree.span)
    name = name_at(tree, line, column)
    if name is not None and not place.block and place.role not in ("layer", "reference", "share", "file", "name"):
        known = _value(analysis, *name)
        if known is not None:
            return known
    if place.role in ("block value", "shortcut", "literal"):
        definition = analysis.definitions.find(tree.text, library=False)
        return Hover(described(definition), tree.span) if definition else None
    return None


def _key(analysis: Analysis, cursor: Cursor, key: Scalar) -> str:
    place, name = cursor.last, key.text
    if place.role in KEYS and name in KEYS[place.role]:
        return f"`{name}`: {KEYS[place.role][name]}"
    if place.role in CARRIERS and name in LAYER:
        return f"`{name}`: {LAYER[name]}"
    callee = callee_at(place)
    if callee:
        definition = analysis.definitions.find(callee, library=False)
        parameter = next((p for p in definition.parameters if p.name == name), None) if definition else None
        return argument_line(parameter, definition) if parameter is not None else ""
    if place.role in ("params", "values", "variant") and not place.block:
        known = _value(analysis, name, key.span)
        return known.text if known is not None else ""
    return f"`{name}`: {ROLES[name]}" if place.role == "defaults" and name in ROLES else ""


def name_at(tree: Scalar, line: int, column: int) -> tuple[str, Span] | None:
    """The identifier of a one-line text that a place is on."""
    if tree.span.line != tree.span.end_line or line != tree.span.line:
        return None
    offset = 1 if tree.quoted else 0
    for found in NAME.finditer(tree.text):
        start = tree.span.column + offset + found.start()
        if start <= column <= start + len(found[0]):
            return found[0], Span(tree.span.file, line, start, line, start + len(found[0]))
    return None


def _value(analysis: Analysis, name: str, span: Span) -> Hover | None:
    """A parameter's value where no variant is chosen, and what the variants make of it."""
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


def _layer(analysis: Analysis, cursor: Cursor, line: int, column: int) -> Hover | None:
    """The layer around the place: what it is, what comes out, what it costs, what was put in."""
    found = layers_at(analysis, line, column)
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


def _facts(found: Uses) -> list[str]:
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


def _shapes(use: Use) -> str:
    return f"`{_types(use.inputs)}` → `{_types(use.outputs)}`"


def _types(types: tuple[ValueType, ...]) -> str:
    return ", ".join(f"{t.kind} {t}" if t.known else "unknown" for t in types) or "nothing"


def _price(cost: Cost) -> str:
    return f"{cost.params:,} parameters, {cost.macs:,} MACs"


def described(definition: Definition) -> str:
    """What an op or block is, and how it is written."""
    kind = "op" if isinstance(definition, OpDefinition) else "block"
    return f"{about(definition)}\n\n`{signature(definition)}` ({kind})"
