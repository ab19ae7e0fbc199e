"""Where a word at the cursor is defined: a block, a layer, a parameter, another spec."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.language.files import Place as FilePlace
from archspec.language.files import include, is_path, locate
from archspec.language.symbols import Block, library_file
from archspec.language.vocabulary import ROLES
from archspec.lsp.analysis import Analysis
from archspec.lsp.hover import name_at
from archspec.lsp.names import body_names, layer_named, parameter_keys
from archspec.lsp.places import Cursor, cursor_at
from archspec.source import Mapping, Scalar, Sequence


class Target(Struct, frozen=True):
    """A place in a file; `file` is empty for the text itself."""

    file: str
    span: Span


def definition(analysis: Analysis, line: int, column: int) -> Target | None:
    """Where the word at a line and column is defined, or None."""
    if analysis.tree is None:
        return None
    cursor = cursor_at(analysis.tree, line, column, analysis.definitions)
    place = cursor.last
    if cursor.key is not None:
        return _of_key(analysis, cursor, cursor.key)
    if not isinstance(place.tree, Scalar):
        return None
    if place.role in ("reference", "share"):
        return _layer(analysis, cursor, place.tree)
    if place.role == "file":
        return _file(analysis, place.tree)
    word = name_at(place.tree, line, column)
    name = word[0] if word is not None else place.tree.text
    if place.role in ("layer", "block value", "shortcut"):
        return _parameter(analysis, cursor, name) or _callee(analysis, name)
    return _parameter(analysis, cursor, name) or (
        _callee(analysis, name) if place.role in ("literal", "declaration") else None
    )


def _of_key(analysis: Analysis, cursor: Cursor, key: Scalar) -> Target | None:
    """A layer's op or block, an argument's declaration, or the parameter that a variant sets."""
    place = cursor.last
    if place.role in ("layer", "shortcut", "block value", "defaults") and _is_callee(cursor, key):
        return _callee(analysis, key.text)
    if place.role == "variant":
        return _parameter(analysis, cursor, key.text)
    return None


def _is_callee(cursor: Cursor, key: Scalar) -> bool:
    tree = cursor.last.tree
    return isinstance(tree, Mapping) and (cursor.last.role == "defaults" or tree.get("block") is None)


def _callee(analysis: Analysis, name: str) -> Target | None:
    """The block of that name, in this text or in the library; what the defaults name for a role."""
    if name in ROLES:
        defaults = analysis.tree.get("defaults") if isinstance(analysis.tree, Mapping) else None
        value = defaults.get(name) if isinstance(defaults, Mapping) else None
        return Target("", value.key.span if value.key is not None else value.span) if value is not None else None
    blocks = analysis.tree.get("blocks") if isinstance(analysis.tree, Mapping) else None
    own = blocks.get(name) if isinstance(blocks, Mapping) else None
    if own is not None and own.key is not None:
        return Target("", own.key.span)
    found = analysis.definitions.find(name, library=True)
    if not isinstance(found, Block):
        return None
    return Target(str(library_file(name)), found.model.span)


def _layer(analysis: Analysis, cursor: Cursor, tree: Scalar) -> Target | None:
    name = layer_named(body_names(analysis.tree, cursor), tree.text)
    if name is not None:
        return Target("", name.span)
    ports = None
    if cursor.last.block and isinstance(analysis.tree, Mapping):
        blocks = analysis.tree.get("blocks")
        block = blocks.get(cursor.last.block) if isinstance(blocks, Mapping) else None
        ports = block.get("inputs") if isinstance(block, Mapping) else None
    elif isinstance(analysis.tree, Mapping):
        ports = analysis.tree.get("inputs") or analysis.tree.get("input")
    if isinstance(ports, Sequence | Scalar):
        return Target("", ports.span) if tree.text == "input" else None
    value = ports.get(tree.text.split("[")[0].split(".")[0]) if ports is not None else None
    return Target("", value.key.span) if value is not None and value.key is not None else None


def _parameter(analysis: Analysis, cursor: Cursor, name: str) -> Target | None:
    span = parameter_keys(analysis.tree, cursor).get(name)
    return Target("", span) if span is not None else None


def _file(analysis: Analysis, tree: Scalar) -> Target | None:
    """The spec that `extends` or `network` names."""
    name = tree.text.partition(":")[0]
    if is_path(name):
        found = include(name, Path(analysis.root), Path(analysis.root))
        path = found if isinstance(found, Path) else None
    else:
        place = locate(tree.text)
        path = Path(place.path) if isinstance(place, FilePlace) else None
    if path is None or not path.is_file():
        return None
    return Target(str(path), Span(str(path), 1, 1, 1, 1))
