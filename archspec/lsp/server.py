"""The language server: what an editor asks and tells, handed to the functions beside this file."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.lsp.server import LanguageServer

import archspec
from archspec.lsp.actions import fix_all, quick_fixes
from archspec.lsp.completion import complete, meaning_of
from archspec.lsp.definition import definition
from archspec.lsp.outline import outline
from archspec.lsp.protocol import action_of, completion_of, hover_of, location_of, symbol_of
from archspec.lsp.session import Session

TRIGGERS = ["{", "[", " "]
KINDS = [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]


def make_server() -> LanguageServer:
    """A server that speaks on standard input and output once it is started with `start_io()`."""
    # Whole texts, not their changes: specs are small, and so the newest text never depends on how lines are counted.
    server = LanguageServer("archspec", archspec.__version__, types.TextDocumentSyncKind.Full)
    session = Session(server)
    _follow(server, session)
    _answer(server, session)
    _mend(server, session)
    return server


def _follow(server: LanguageServer, session: Session) -> None:
    """Keep up with what is open and what it says."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        session.open(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        session.change(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(_params: types.DidSaveTextDocumentParams) -> None:
        session.check_all()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        session.close(params.text_document.uri)


def _answer(server: LanguageServer, session: Session) -> None:
    """Say what there is at a place."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        document, lines = session.newest(params.text_document.uri)
        found = document.hover(*lines.place(params.position))
        return hover_of(found, lines) if found is not None else None

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def defined(params: types.DefinitionParams) -> types.Location | None:
        document, lines = session.newest(params.text_document.uri)
        found = definition(document.current, *lines.place(params.position))
        return location_of(found, document.uri, lines) if found is not None else None

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=TRIGGERS, resolve_provider=True),
    )
    def completion(params: types.CompletionParams) -> types.CompletionList:
        document, lines = session.newest(params.text_document.uri)
        line, column = lines.place(params.position)
        found = complete(document.current, line, column)
        word = types.Range(lines.position(line, found.start), params.position)
        items = [completion_of(item, number, word, document.uri) for number, item in enumerate(found.items)]
        return types.CompletionList(is_incomplete=False, items=items)

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    def resolve(item: types.CompletionItem) -> types.CompletionItem:
        document = session.documents.get(str(item.data)) if item.data else None
        meaning = meaning_of(document.current, item.label) if document is not None else ""
        if meaning:
            item.documentation = types.MarkupContent(types.MarkupKind.Markdown, meaning)
        return item

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document, lines = session.newest(params.text_document.uri)
        return [symbol_of(entry, lines) for entry in outline(document.current)]


def _mend(server: LanguageServer, session: Session) -> None:
    """Offer the edits that findings carry."""

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=KINDS))
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        document, lines = session.newest(params.text_document.uri)
        found, wanted = document.lint(), params.context.only
        first, last = lines.place(params.range.start), lines.place(params.range.end)
        offered = []
        if wanted is None or types.CodeActionKind.QuickFix in wanted:
            fixes = quick_fixes(found, first, last)
            offered += [action_of(fix, types.CodeActionKind.QuickFix, document, lines) for fix in fixes]
        everything = fix_all(found)
        if everything is not None and (wanted is None or _asks_for_all(wanted)):
            offered.append(action_of(everything, types.CodeActionKind.SourceFixAll, document, lines))
        return offered


def _asks_for_all(wanted: Sequence[types.CodeActionKind | str]) -> bool:
    """Whether kinds of actions include the one that mends the whole text, by itself or by the kind above it."""
    return any(kind == "source" or kind.startswith("source.fixAll") for kind in map(_name, wanted))


def _name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
