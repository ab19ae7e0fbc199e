"""The language server: registers the handlers of the protocol, each a call of a function of this package."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.lsp.server import LanguageServer

import archspec
from archspec.lsp.code_actions import fix_all, quick_fixes
from archspec.lsp.completion import complete, describe_callee
from archspec.lsp.definition import find_definition
from archspec.lsp.document_symbols import document_symbols
from archspec.lsp.protocol import to_code_action, to_completion_item, to_document_symbol, to_hover, to_location
from archspec.lsp.session import Session

# A key, an item or a value begins after each of these; letters request proposals without being listed.
TRIGGERS = ["{", "[", " "]
KINDS = [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]


def make_server() -> LanguageServer:
    """Return a server that talks over standard input and output once `start_io()` is called."""
    # Whole texts, not their changes: specs are small, and so the newest text never depends on how lines are counted.
    server = LanguageServer("archspec", archspec.__version__, types.TextDocumentSyncKind.Full)
    session = Session(server)
    _register_sync(server, session)
    _register_queries(server, session)
    _register_code_actions(server, session)
    return server


def _register_sync(server: LanguageServer, session: Session) -> None:
    """Register the handlers of opened, changed, saved and closed texts."""

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


def _register_queries(server: LanguageServer, session: Session) -> None:
    """Register hover, definition, completion and document symbols."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        document, lines = session.newest(params.text_document.uri)
        found = document.hover(*lines.line_column(params.position))
        return to_hover(found, lines) if found is not None else None

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def defined(params: types.DefinitionParams) -> types.Location | None:
        document, lines = session.newest(params.text_document.uri)
        found = find_definition(document.current, *lines.line_column(params.position))
        return to_location(found, document.uri, lines) if found is not None else None

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=TRIGGERS, resolve_provider=True),
    )
    def completion(params: types.CompletionParams) -> types.CompletionList:
        document, lines = session.newest(params.text_document.uri)
        line, column = lines.line_column(params.position)
        found = complete(document.current, line, column)
        word = types.Range(lines.position(line, found.start), params.position)
        items = [to_completion_item(item, number, word, document.uri) for number, item in enumerate(found.items)]
        return types.CompletionList(is_incomplete=False, items=items)

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    def resolve(item: types.CompletionItem) -> types.CompletionItem:
        document = session.documents.get(str(item.data)) if item.data else None
        meaning = describe_callee(document.current, item.label) if document is not None else ""
        if meaning:
            item.documentation = types.MarkupContent(types.MarkupKind.Markdown, meaning)
        return item

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document, lines = session.newest(params.text_document.uri)
        return [to_document_symbol(entry, lines) for entry in document_symbols(document.current)]


def _register_code_actions(server: LanguageServer, session: Session) -> None:
    """Register the handler of code actions: fixes, and all safe fixes at once."""

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=KINDS))
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        document, lines = session.newest(params.text_document.uri)
        found, wanted = document.lint(), params.context.only
        first, last = lines.line_column(params.range.start), lines.line_column(params.range.end)
        offered = []
        if wanted is None or types.CodeActionKind.QuickFix in wanted:
            fixes = quick_fixes(found, first, last)
            offered += [to_code_action(fix, types.CodeActionKind.QuickFix, document, lines) for fix in fixes]
        everything = fix_all(found)
        if everything is not None and (wanted is None or _asks_for_all(wanted)):
            offered.append(to_code_action(everything, types.CodeActionKind.SourceFixAll, document, lines))
        return offered


def _asks_for_all(wanted: Sequence[types.CodeActionKind | str]) -> bool:
    """Return whether the wanted kinds of actions include `source.fixAll`, itself or by a kind that contains it."""
    return any(kind == "source" or kind.startswith("source.fixAll") for kind in map(_name, wanted))


def _name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
