"""Answers as the language server protocol has them."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

from lsprotocol import types

from archspec.lsp.actions import Action
from archspec.lsp.completion import Item
from archspec.lsp.definition import Target
from archspec.lsp.diagnostics import plain_range, to_protocol
from archspec.lsp.documents import OpenDocument
from archspec.lsp.hover import Hover
from archspec.lsp.outline import Entry
from archspec.lsp.positions import Lines

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


def hover_of(found: Hover, lines: Lines) -> types.Hover:
    """A hover with its stretch of text."""
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, found.text), lines.range(found.span))


def location_of(found: Target, uri: str, lines: Lines) -> types.Location:
    """Where a definition is, in this text or in another file."""
    if not found.file:
        return types.Location(uri, lines.range(found.span))
    return types.Location(Path(found.file).resolve().as_uri(), plain_range(found.span))


def completion_of(item: Item, number: int, word: types.Range, uri: str) -> types.CompletionItem:
    """A proposal in place of the word that has been begun; the order stays as it is."""
    about = types.MarkupContent(types.MarkupKind.Markdown, item.about) if item.about else None
    return types.CompletionItem(
        label=item.label,
        kind=ITEM_KINDS[item.kind],
        detail=item.kind,
        documentation=about,
        sort_text=f"{number:04}",
        text_edit=types.TextEdit(word, item.text),
        data=uri if item.kind in MEANT_LATER else None,
    )


def action_of(action: Action, kind: types.CodeActionKind, document: OpenDocument, lines: Lines) -> types.CodeAction:
    """An action with its edits of the text and the findings that it mends."""
    edits = [types.TextEdit(lines.range(edit.span), edit.replacement) for edit in action.edits]
    return types.CodeAction(
        title=action.title,
        kind=kind,
        diagnostics=to_protocol(action.diagnostics, document.current.file, document.uri, lines),
        is_preferred=action.preferred or None,
        edit=types.WorkspaceEdit(changes={document.uri: edits}),
    )


def symbol_of(entry: Entry, lines: Lines) -> types.DocumentSymbol:
    """A line of the outline with those below it."""
    return types.DocumentSymbol(
        name=entry.name,
        kind=ENTRY_KINDS[entry.kind],
        range=lines.range(entry.span),
        selection_range=lines.range(entry.selected),
        children=[symbol_of(below, lines) for below in entry.below] or None,
    )
