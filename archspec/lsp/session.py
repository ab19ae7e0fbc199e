"""The open documents of a client, and when they are linted: at once on open and save, after a pause while typing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from archspec.diagnostics import Diagnostic
from archspec.lsp.diagnostics import to_diagnostics
from archspec.lsp.documents import OpenDocument, open_document, selection_for
from archspec.lsp.positions import LineIndex

PAUSE = 0.05  # seconds without a change before the text is checked
LONG_PAUSE = 0.4  # before its variants are


class Session:
    """The open documents of one client. Only diagnostics of the newest text are ever sent."""

    def __init__(self, server: LanguageServer) -> None:
        self.documents: dict[str, OpenDocument] = {}
        self._server = server
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._running: set[asyncio.Task[None]] = set()

    def open(self, uri: str) -> None:
        """Add a document and lint it."""
        self.documents[uri] = open_document(uri, to_fs_path(uri) if uri.startswith("file:") else None, self._text(uri))
        self._check(uri, 0)

    def change(self, uri: str) -> None:
        """Take the new text; it is linted once nothing has changed for a moment."""
        if uri not in self.documents:
            self.open(uri)
            return
        self.documents[uri].change(self._text(uri))
        self._later(uri, PAUSE, lambda: self._check(uri, LONG_PAUSE))

    def check_all(self) -> None:
        """Lint every document again: a file that it extends, or the configuration, may have been saved."""
        for uri, document in self.documents.items():
            document.selection = selection_for(to_fs_path(uri) if uri.startswith("file:") else None)
            # A new Analysis: the old one keeps a Document that was read with the files as they were.
            document.current = document.current.with_text(self._text(uri))
            document.diagnostics = None
            self._check(uri, 0)

    def close(self, uri: str) -> None:
        """Forget a document; the client shows nothing of it any more."""
        self._cancel(uri)
        if self.documents.pop(uri, None) is not None:
            self._publish(uri, [], None)

    def newest(self, uri: str) -> tuple[OpenDocument, LineIndex]:
        """Return a document with its newest text, and the index of its lines in the client's encoding."""
        if uri not in self.documents:
            self.open(uri)
        document = self.documents[uri]
        document.change(self._text(uri))
        return document, self._lines(document.current.text)

    def _text(self, uri: str) -> str:
        return self._server.workspace.get_text_document(uri).source

    def _lines(self, text: str) -> LineIndex:
        encoding = self._server.workspace.position_encoding
        return LineIndex(text, encoding) if encoding is not None else LineIndex(text)

    def _later(self, uri: str, seconds: float, what: Callable[[], None]) -> None:
        self._cancel(uri)
        self._waiting[uri] = asyncio.get_running_loop().call_later(seconds, what)

    def _cancel(self, uri: str) -> None:
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()

    def _check(self, uri: str, pause: float) -> None:
        """Send the diagnostics of the base, and later those of the variants, which take longer."""
        document = self.documents.get(uri)
        if document is None:
            return
        self._send(document, document.lint())
        if document.has_variants:
            self._later(uri, pause, lambda: self._start_variants(document))

    def _start_variants(self, document: OpenDocument) -> None:
        task = asyncio.get_running_loop().create_task(self._check_variants(document))
        # asyncio keeps weak references to tasks only.
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _check_variants(self, document: OpenDocument) -> None:
        # The text may change while the other thread works; its result is then out of date and dropped.
        checked = document.current
        found = await asyncio.get_running_loop().run_in_executor(None, document.lint_variants)
        if document.current is checked and self.documents.get(document.uri) is document:
            document.diagnostics = found
            self._send(document, found)

    def _send(self, document: OpenDocument, found: tuple[Diagnostic, ...]) -> None:
        lines = self._lines(document.current.text)
        shown = to_diagnostics(found, document.current.file, document.uri, lines)
        self._publish(document.uri, shown, self._server.workspace.get_text_document(document.uri).version)

    def _publish(self, uri: str, shown: list[types.Diagnostic], version: int | None) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, version))
