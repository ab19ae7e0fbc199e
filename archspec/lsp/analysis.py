"""One version of an open text: its tree, its spec and its Graph, as far as they go, each made when first asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from archspec.analysis.summary import ShortcutDecision, summarize
from archspec.diagnostics import Diagnostic, Span
from archspec.ir.graph import Graph
from archspec.language.load import Spec, loads_partial
from archspec.language.symbols import Definitions
from archspec.lowering import lower_partial
from archspec.lowering.cache import LoweringCache
from archspec.lowering.context import Lowering
from archspec.lowering.root import scope_of
from archspec.source import Tree, compose
from archspec.source.incremental import Pieces
from archspec.source.readable import readable

UNTITLED = "<text>"


class Analysis(Struct, frozen=True, dict=True):
    """A text with all that an editor asks about it. Where it is not YAML, the lines at fault are read as empty."""

    text: str
    file: str = UNTITLED
    cache: LoweringCache = field(default_factory=LoweringCache)
    pieces: Pieces = field(default_factory=Pieces)

    def newer(self, text: str) -> Analysis:
        """The next version, which keeps what does not change."""
        return Analysis(text, self.file, self.cache, self.pieces)

    @property
    def root(self) -> str:
        """The directory that `extends` and `network` are relative to."""
        return "." if self.file == UNTITLED else str(Path(self.file).parent)

    @cached_property
    def loaded(self) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
        """The spec of the text itself, or None, with what is wrong with it."""
        return self._load(self.text)

    @cached_property
    def tree(self) -> Tree | None:
        """The tree of the text, without the lines that keep it from being YAML."""
        spec, found = self.loaded
        tree = spec.document.tree if spec is not None and not found else None
        if tree is not None and self.is_here(tree.span):  # that of a spec which extends another is the other's
            return tree
        return compose(self._readable, self.file)[0]

    @cached_property
    def spec(self) -> Spec | None:
        """The spec as far as the text can be read."""
        spec = self.loaded[0]
        return spec if spec is not None or self._readable == self.text else self._load(self._readable)[0]

    @cached_property
    def graph(self) -> Graph | None:
        """The Graph of the spec without a variant, partial where something is wrong."""
        return lower_partial(self.spec, self.cache)[0] if self.spec is not None else None

    @cached_property
    def definitions(self) -> Definitions:
        """The ops and blocks that the spec may use."""
        return self.cache.definitions(self.spec.document) if self.spec is not None else Definitions()

    @cached_property
    def decisions(self) -> tuple[ShortcutDecision, ...]:
        """The shortcuts that were put in or dropped."""
        if self.graph is None or not self.graph.sections:
            return ()
        summary = summarize(self.graph)
        return (*summary.inserted, *summary.dropped)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The values of the spec's sizes, parameters and lets."""
        if self.spec is None:
            return {}
        return scope_of(Lowering(self.definitions, root=self.spec.root), self.spec)

    def is_here(self, span: Span) -> bool:
        """Whether a place is in this text, and not in the library or another file."""
        return span.file == self.file

    def _load(self, text: str) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
        chain = () if self.file == UNTITLED else (str(Path(self.file).resolve()),)
        return loads_partial(text, self.file, self.root, chain, self.pieces.read)

    @cached_property
    def _readable(self) -> str:
        """The text, the lines that break YAML's grammar empty; all of it empty where that does not help."""
        return readable(self.text, self.file)
