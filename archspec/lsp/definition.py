"""Go to definition: of a block, a layer, a parameter or another spec."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.language.files import is_path, locate_variant, resolve_include
from archspec.language.symbols import BlockDefinition, library_file
from archspec.language.vocabulary import ROLES
from archspec.lsp.analysis import Analysis
from archspec.lsp.cursor_path import CursorPath, find_cursor_path
from archspec.lsp.hover import name_at
from archspec.lsp.scopes import layer_names_in_body, parameters_in_scope, resolve_layer
from archspec.source import Mapping, Scalar, Sequence


class DefinitionTarget(Struct, frozen=True):
    """A place in a file; `file` is empty for the text itself."""

    file: str
    span: Span


def find_definition(analysis: Analysis, line: int, column: int) -> DefinitionTarget | None:
    """Return where the word at a line and column is defined, or None."""
    if analysis.tree is None:
        return None
    cursor = find_cursor_path(analysis.tree, line, column, analysis.definitions)
    node = cursor.last
    if cursor.key is not None:
        return _of_key(analysis, cursor, cursor.key)
    if not isinstance(node.tree, Scalar):
        return None
    if node.role in ("reference", "share"):
        return _layer(analysis, cursor, node.tree)
    if node.role == "file":
        return _file(analysis, node.tree)
    word = name_at(node.tree, line, column)
    name = word[0] if word is not None else node.tree.text
    if node.role in ("layer", "block value", "shortcut"):
        return _parameter(analysis, cursor, name) or _callee(analysis, name)
    return _parameter(analysis, cursor, name) or (
        _callee(analysis, name) if node.role in ("literal", "declaration") else None
    )


def _of_key(analysis: Analysis, cursor: CursorPath, key: Scalar) -> DefinitionTarget | None:
    """Return the definition of a key: a layer's op or block, or the parameter that a variant sets."""
    node = cursor.last
    if node.role in ("layer", "shortcut", "block value", "defaults") and _is_callee(cursor, key):
        return _callee(analysis, key.text)
    if node.role == "variant":
        return _parameter(analysis, cursor, key.text)
    return None


def _is_callee(cursor: CursorPath, key: Scalar) -> bool:
    tree = cursor.last.tree
    return isinstance(tree, Mapping) and (cursor.last.role == "defaults" or tree.get("block") is None)


def _callee(analysis: Analysis, name: str) -> DefinitionTarget | None:
    """Return the definition of a block, in this text or in the library; for a role, its entry in the defaults."""
    if name in ROLES:
        defaults = analysis.tree.get("defaults") if isinstance(analysis.tree, Mapping) else None
        value = defaults.get(name) if isinstance(defaults, Mapping) else None
        return (
            DefinitionTarget("", value.key.span if value.key is not None else value.span) if value is not None else None
        )
    blocks = analysis.tree.get("blocks") if isinstance(analysis.tree, Mapping) else None
    # A spec's own block hides one of the library by the same name.
    own = blocks.get(name) if isinstance(blocks, Mapping) else None
    if own is not None and own.key is not None:
        return DefinitionTarget("", own.key.span)
    # The spec's own blocks are done with: only the library's remain.
    found = analysis.definitions.find(name, library=True)
    if not isinstance(found, BlockDefinition):
        return None
    return DefinitionTarget(str(library_file(name)), found.model.span)


def _layer(analysis: Analysis, cursor: CursorPath, tree: Scalar) -> DefinitionTarget | None:
    name = resolve_layer(layer_names_in_body(analysis.tree, cursor), tree.text)
    if name is not None:
        return DefinitionTarget("", name.span)
    ports = None
    if cursor.last.block and isinstance(analysis.tree, Mapping):
        blocks = analysis.tree.get("blocks")
        block = blocks.get(cursor.last.block) if isinstance(blocks, Mapping) else None
        ports = block.get("inputs") if isinstance(block, Mapping) else None
    elif isinstance(analysis.tree, Mapping):
        ports = analysis.tree.get("inputs") or analysis.tree.get("input")
    if isinstance(ports, Sequence | Scalar):
        return DefinitionTarget("", ports.span) if tree.text == "input" else None
    value = ports.get(tree.text.split("[")[0].split(".")[0]) if ports is not None else None
    return DefinitionTarget("", value.key.span) if value is not None and value.key is not None else None


def _parameter(analysis: Analysis, cursor: CursorPath, name: str) -> DefinitionTarget | None:
    span = parameters_in_scope(analysis.tree, cursor).get(name)
    return DefinitionTarget("", span) if span is not None else None


def _file(analysis: Analysis, tree: Scalar) -> DefinitionTarget | None:
    """Return the spec that `extends` or `network` names."""
    name = tree.text.partition(":")[0]
    found: Path | str = resolve_include(name, Path(analysis.root), Path(analysis.root))
    if isinstance(found, str) and not is_path(name):
        variant = locate_variant(tree.text)
        found = Path(variant.path) if variant is not None else found
    if isinstance(found, str) or not found.is_file():
        return None
    return DefinitionTarget(str(found), Span(str(found), 1, 1, 1, 1))
