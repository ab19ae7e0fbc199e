"""One version of an open text: its Document, and what else an editor needs of it, computed when first used."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from archspec.analysis.summary import ShortcutDecision, summarize
from archspec.diagnostics import Span
from archspec.frontend import Document, Source, open_text
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.language.symbols import Definitions
from archspec.lowering.cache import LoweringCache
from archspec.lowering.context import Lowering
from archspec.lowering.root import scope_of
from archspec.source import Tree, compose
from archspec.source.incremental import IncrementalComposer
from archspec.source.readable import blank_unreadable

UNTITLED = "<text>"


class Analysis(Struct, frozen=True, dict=True):
    """A text with all that an editor needs to know about it.

    `document` holds what lint finds in the text as it is. Everything else is of its recovered form, in which the lines
    that are not YAML are empty: an editor must answer in the middle of a word, too.
    """

    text: str
    file: str = UNTITLED
    cache: LoweringCache = field(default_factory=LoweringCache)
    pieces: IncrementalComposer = field(default_factory=IncrementalComposer)

    def with_text(self, text: str) -> Analysis:
        """Return the next version, which shares the caches of this one."""
        return Analysis(text, self.file, self.cache, self.pieces)

    @property
    def root(self) -> str:
        """The directory that `extends` and `network` are relative to."""
        return "." if self.file == UNTITLED else str(Path(self.file).parent)

    @cached_property
    def document(self) -> Document:
        """The text as lint reads it."""
        # The file itself begins the chain, so that a spec which extends itself is found.
        chain = () if self.file == UNTITLED else (str(Path(self.file).resolve()),)
        return open_text(Source(self.text, self.file, self.root, chain, self.pieces.read), cache=self.cache)

    @cached_property
    def _recovered(self) -> Document:
        return self.document.recover()

    @cached_property
    def tree(self) -> Tree | None:
        """The tree of the text, without the lines that keep it from being YAML."""
        spec = self.document.spec
        tree = spec.document.tree if spec is not None and not self.document.read_diagnostics else None
        if tree is not None and self.contains(tree.span):  # that of a spec which extends another is the other's
            return tree
        return compose(blank_unreadable(self.text, self.file), self.file)[0]

    @property
    def spec(self) -> Spec | None:
        """The spec as far as the text can be read."""
        return self._recovered.spec

    @property
    def graph(self) -> Graph | None:
        """The Graph of the spec without a variant, partial where something is wrong."""
        return self._recovered.graph

    @cached_property
    def definitions(self) -> Definitions:
        """The ops and blocks that the spec may use."""
        return self.cache.definitions(self.spec) if self.spec is not None else Definitions()

    @cached_property
    def decisions(self) -> tuple[ShortcutDecision, ...]:
        """The shortcuts that the compiler inserted or dropped."""
        if self.graph is None or not self.graph.sections:
            return ()
        summary = summarize(self.graph)
        return (*summary.inserted, *summary.dropped)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The values of the spec's sizes, parameters and lets."""
        if self.spec is None:
            return {}
        return scope_of(Lowering(self.definitions), self.spec)

    def contains(self, span: Span) -> bool:
        """Return whether a place is in this text, and not in the library or another file."""
        return span.file == self.file
