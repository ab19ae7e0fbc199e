"""Results in the types of the language server protocol."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

from lsprotocol import types

from archspec.lsp.code_actions import CodeAction
from archspec.lsp.completion import CompletionItem
from archspec.lsp.definition import DefinitionTarget
from archspec.lsp.diagnostics import character_range, to_diagnostics
from archspec.lsp.document_symbols import OutlineSymbol
from archspec.lsp.documents import OpenDocument
from archspec.lsp.hover import Hover
from archspec.lsp.positions import LineIndex

ITEM_KINDS: Final = MappingProxyType(
    {
        "key": types.CompletionItemKind.Keyword,
        "op": types.CompletionItemKind.Function,
        "block": types.CompletionItemKind.Class,
        "structure": types.CompletionItemKind.Struct,
        "argument": types.CompletionItemKind.Property,
        "layer": types.CompletionItemKind.Reference,
        "parameter": types.CompletionItemKind.Variable,
        "value": types.CompletionItemKind.Value,
        "function": types.CompletionItemKind.Function,
        "file": types.CompletionItemKind.File,
    }
)
ENTRY_KINDS: Final = MappingProxyType(
    {
        "heading": types.SymbolKind.Namespace,
        "input": types.SymbolKind.Interface,
        "parameter": types.SymbolKind.Variable,
        "block": types.SymbolKind.Class,
        "variant": types.SymbolKind.EnumMember,
        "layer": types.SymbolKind.Function,
    }
)
MEANT_LATER: Final = ("op", "block")  # whose meaning is looked up when the user looks at them


def to_hover(found: Hover, lines: LineIndex) -> types.Hover:
    """Return a hover in the type of the protocol: Markdown with a range."""
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, found.text), lines.range(found.span))


def to_location(found: DefinitionTarget, uri: str, lines: LineIndex) -> types.Location:
    """Return the location of a definition, in this text or in another file."""
    if not found.file:
        return types.Location(uri, lines.range(found.span))
    return types.Location(Path(found.file).resolve().as_uri(), character_range(found.span))


def to_completion_item(item: CompletionItem, number: int, word: types.Range, uri: str) -> types.CompletionItem:
    """Return a proposal that replaces the word under the cursor; `number` keeps the order."""
    about = types.MarkupContent(types.MarkupKind.Markdown, item.about) if item.about else None
    return types.CompletionItem(
        label=item.label,
        kind=ITEM_KINDS[item.kind],
        detail=item.kind,
        documentation=about,
        # Without it editors sort by label, and the nearest layers would not come first.
        sort_text=f"{number:04}",
        # An explicit range: an editor's own idea of a word ends at the dots that names may have.
        text_edit=types.TextEdit(word, item.text),
        data=uri if item.kind in MEANT_LATER else None,
    )


def to_code_action(
    action: CodeAction, kind: types.CodeActionKind, document: OpenDocument, lines: LineIndex
) -> types.CodeAction:
    """Return a code action with its edits and the diagnostics that it fixes."""
    edits = [types.TextEdit(lines.range(edit.span), edit.replacement) for edit in action.edits]
    return types.CodeAction(
        title=action.title,
        kind=kind,
        diagnostics=to_diagnostics(action.diagnostics, document.current.file, document.uri, lines),
        is_preferred=action.preferred or None,
        edit=types.WorkspaceEdit(changes={document.uri: edits}),
    )


def to_document_symbol(entry: OutlineSymbol, lines: LineIndex) -> types.DocumentSymbol:
    """Return a symbol of the outline, and its children, in the type of the protocol."""
    return types.DocumentSymbol(
        name=entry.name,
        kind=ENTRY_KINDS[entry.kind],
        range=lines.range(entry.span),
        selection_range=lines.range(entry.selected),
        children=[to_document_symbol(below, lines) for below in entry.below] or None,
    )
