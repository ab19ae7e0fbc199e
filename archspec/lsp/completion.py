"""Completion: the keys, ops, blocks, arguments, names and choices that may be written at the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from archspec.ir.parameters import Parameter, show
from archspec.language.files import gallery_names, variant_names
from archspec.language.functions import FUNCTIONS
from archspec.language.models import ELEMENT_TYPES, PARAMETER_TYPES, PORT_KINDS, VALUE_KINDS
from archspec.language.vocabulary import INIT_SCHEMES
from archspec.lsp import descriptions
from archspec.lsp.analysis import UNTITLED, Analysis
from archspec.lsp.completion_context import CompletionContext, find_completion_context, other_keys
from archspec.lsp.cursor_path import CursorNode, callee_of
from archspec.lsp.scopes import layer_names_in_body, loop_variables, parameters_in_scope
from archspec.lsp.signatures import about, describe_argument, format_default
from archspec.source import Mapping as MappingTree
from archspec.source import Scalar


class CompletionItem(Struct, frozen=True):
    """One proposal. `written` is inserted in place of `label` where they differ."""

    label: str
    kind: str  # key, op, block, structure, argument, layer, parameter, value, function, file
    about: str = ""
    written: str = ""

    @property
    def text(self) -> str:
        return self.written or self.label


class CompletionResult(Struct, frozen=True):
    """The proposals, and the column at which the word that they complete begins."""

    items: tuple[CompletionItem, ...]
    start: int


def complete(analysis: Analysis, line: int, column: int) -> CompletionResult:
    """Return the proposals at a line and column, whether or not the rest of the text is valid."""
    context = find_completion_context(analysis.text, line, column, analysis.definitions)
    if context is None:
        return CompletionResult((), column)
    found = _keys(analysis, context) if context.is_key else _values(analysis, context)
    return CompletionResult(tuple(dict.fromkeys(found)), context.start)


def _keys(analysis: Analysis, context: CompletionContext) -> Iterator[CompletionItem]:
    node = context.cursor.last
    taken = other_keys(node.tree)
    for item in _possible_keys(analysis, context, node, taken):
        if item.label not in taken:
            yield item


def _possible_keys(
    analysis: Analysis, context: CompletionContext, node: CursorNode, taken: set[str]
) -> Iterator[CompletionItem]:
    callee = callee_of(node)
    known = descriptions.KEYS.get(node.role)
    if known is not None:
        yield from _described(known, "key")
        if node.role in descriptions.CARRIERS:
            yield from _described(descriptions.LAYER, "key")
    elif callee:
        yield from _arguments(analysis, callee)
        yield from _described(descriptions.LAYER, "key")
    elif node.role == "call" or (node.role in ("layer", "shortcut") and taken):
        yield from _described(descriptions.LAYER, "key")
    elif node.role in ("layer", "block value"):
        yield from callees(analysis, ": ", node.role == "layer")
    elif node.role == "shortcut":
        yield from callees(analysis, ": ", False)
        yield from _described(descriptions.LAYER, "key")
    elif node.role == "defaults":
        yield from _described(descriptions.ROLES, "key")
        yield from callees(analysis, ": ", False)
    elif node.role == "variant":
        yield from (
            CompletionItem(name, "parameter", written=f"{name}: ")
            for name in parameters_in_scope(context.tree, context.cursor)
        )
    elif node.role == "merge":
        yield CompletionItem("gate", "key", descriptions.MERGES["gate"], "gate: ")
    elif node.role == "scheme":
        yield from _plain(INIT_SCHEMES, "value")


def _arguments(analysis: Analysis, callee: str) -> Iterator[CompletionItem]:
    definition = analysis.definitions.find(callee, library=False)
    for parameter in definition.parameters if definition is not None else ():
        yield CompletionItem(
            parameter.name, "argument", describe_argument(parameter, definition), f"{parameter.name}: "
        )


def _described(known: Mapping[str, str], kind: str) -> Iterator[CompletionItem]:
    return (CompletionItem(name, kind, meaning, f"{name}: ") for name, meaning in known.items())


def _plain(names: Iterable[str], kind: str) -> Iterator[CompletionItem]:
    return (CompletionItem(name, kind) for name in names)


def callees(analysis: Analysis, after: str, structure: bool) -> Iterator[CompletionItem]:
    """Yield every op and block that the spec may use; with `structure` also the structure keys and roles."""
    if structure:
        for name, meaning in descriptions.STRUCTURE.items():
            yield CompletionItem(name, "structure", meaning, f"{name}: ")
        for name in ("norm", "act"):
            yield CompletionItem(name, "op", descriptions.ROLES[name], f"{name}{after}")
    own = analysis.definitions.own
    for name in analysis.definitions.names(library=False):
        yield CompletionItem(name, "block" if name in own or _is_library(name) else "op", "", f"{name}{after}")


def _is_library(name: str) -> bool:
    from archspec.language.symbols import library_names

    return name in library_names()


def describe_callee(analysis: Analysis, name: str) -> str:
    """Return what an op or block is and which arguments it takes, as Markdown."""
    definition = analysis.definitions.find(name, library=False)
    if definition is None:
        return ""
    lines = [about(definition)]
    for parameter in definition.parameters:
        default = format_default(definition, parameter)
        lines.append(f"- `{parameter.name}`" + (f" = {default}" if default else " (required)"))
    return "\n\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:])


def _values(analysis: Analysis, context: CompletionContext) -> Iterator[CompletionItem]:
    node = context.cursor.last
    role = node.role
    if role == "layer":
        yield from callees(analysis, "", True)
    elif role == "spec":
        yield from _described(descriptions.SPEC, "key")
    elif role in ("block value", "shortcut"):
        if role == "shortcut":
            yield from (CompletionItem(name, "value", meaning) for name, meaning in descriptions.SHORTCUTS.items())
        yield CompletionItem("default", "value", "what the defaults say")
        yield from callees(analysis, "", False)
        yield from _names(context)
    elif role in ("reference", "share"):
        yield from _layers(analysis, context)
    elif role == "argument" or role == "item":
        yield from _argument_values(context, node.parameter)
    elif role in ("expression", "condition"):
        yield from _expression(context)
        if role == "condition":
            yield from _plain(("true", "false"), "value")
    elif role == "literal":
        yield from callees(analysis, "", False)
        yield from _plain(parameters_in_scope(context.tree, context.cursor), "parameter")
    else:
        yield from _choices(analysis, context, node)


def _choices(analysis: Analysis, context: CompletionContext, node: CursorNode) -> Iterator[CompletionItem]:
    """Yield the words of a value that is one of a few, by the role of its node."""
    role, parent = node.role, context.cursor.nodes[-2].role if len(context.cursor.nodes) > 1 else ""
    if role == "merge":
        yield from (CompletionItem(name, "value", descriptions.MERGES[name]) for name in ("add", "concat", "multiply"))
    elif role == "choice":
        yield from _plain(("concat", "add", "none") if parent == "branches" else ("concat", "add"), "value")
    elif role in ("type", "declaration"):
        yield from _plain(PARAMETER_TYPES, "value")
    elif role == "of":
        yield from _plain(ELEMENT_TYPES, "value")
    elif role == "flag":
        yield from _plain(("true", "false"), "value")
    elif role == "kind":
        yield from _plain(PORT_KINDS if parent in ("ports", "port", "kind") else VALUE_KINDS, "value")
    elif role == "scheme":
        yield from _plain(INIT_SCHEMES, "value")
    elif role in ("slot", "shape"):
        yield from _names(context)
    elif role == "file":
        yield from _plain(gallery_names(), "file")
        yield from _plain(_files(analysis), "file")
    elif role == "network variant":
        yield from _plain(_variants(context.cursor.nodes[-2].tree), "value")


def _layers(analysis: Analysis, context: CompletionContext) -> Iterator[CompletionItem]:
    """Yield the names of layers before the cursor, the nearest first."""
    yield from (CompletionItem(name, "value", meaning) for name, meaning in descriptions.VALUES.items())
    # References lead back only; a computed name has no text that could be proposed.
    before = [n for n in layer_names_in_body(context.tree, context.cursor) if n.span < context.cursor.last.tree.span]
    yield from _plain([n.text for n in reversed(before) if "${" not in n.text], "layer")
    if context.cursor.last.block and analysis.spec is not None:
        block = analysis.spec.document.blocks.get(context.cursor.last.block)
        yield from _plain(block.inputs if block is not None and block.inputs else ("x",), "layer")


def _argument_values(context: CompletionContext, parameter: Parameter | None) -> Iterator[CompletionItem]:
    """Yield the words that an argument takes, then what an expression may contain."""
    if parameter is not None:
        yield from _plain((*parameter.choices, *parameter.words), "value")
        if parameter.type == "bool":
            yield from _plain(("true", "false"), "value")
        if not parameter.required and isinstance(parameter.default, (bool, int, float)):
            yield CompletionItem(show(parameter.default), "value", "the default")
    # A text is no expression; it takes values by `${...}` alone.
    if parameter is None or parameter.type != "str":
        yield from _expression(context)


def _expression(context: CompletionContext) -> Iterator[CompletionItem]:
    yield from _names(context)
    yield from (CompletionItem(name, "parameter", meaning) for name, meaning in descriptions.SCOPE.items())
    yield from (
        CompletionItem(name, "function", f"{name}({', '.join(f.parameters)})", f"{name}(")
        for name, f in FUNCTIONS.items()
    )


def _names(context: CompletionContext) -> Iterator[CompletionItem]:
    """Yield the parameters, lets and loop variables in scope at the cursor."""
    yield from _plain(parameters_in_scope(context.tree, context.cursor), "parameter")
    yield from _plain(loop_variables(context.cursor), "parameter")


def _files(analysis: Analysis) -> list[str]:
    """Return the other specs in the directory of this one."""
    if analysis.file == UNTITLED:
        return []
    folder = Path(analysis.file).parent
    return sorted(f"./{p.name}" for p in folder.glob("*.yaml") if p.name != Path(analysis.file).name)


def _variants(tree: object) -> tuple[str, ...]:
    """Return the variants of the gallery spec that a `network` names."""
    spec = tree.get("spec") if isinstance(tree, MappingTree) else None
    return variant_names(spec.text) if isinstance(spec, Scalar) and spec.text in gallery_names() else ()
