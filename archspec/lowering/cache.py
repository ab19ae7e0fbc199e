"""Bodies kept from one run of lowering for the next: the variants of a spec, and an open file at every keystroke."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from msgspec import Struct

from archspec.ir.graph import Body
from archspec.language.models import SpecDocument
from archspec.language.symbols import Definitions, definitions_of
from archspec.source import Tree

T = TypeVar("T")
RUNS_KEPT = 4  # runs of lint for which a body is kept that nobody uses


class CachedBody(Struct, frozen=True):
    """A body that was lowered without a finding, how many layers it has, and what lowering it counted."""

    body: Body
    weight: int
    count: int
    iterations: int
    expressions: int


class LoweringCache:
    """What several runs of lowering share.

    A body depends on its block, arguments, defaults and input types, which are its key, and on what names mean: so
    all of them are forgotten when the spec's own blocks change, in what they say or in where they stand.
    """

    def __init__(self) -> None:
        self._own: Tree | None = None
        self._definitions: Definitions | None = None
        self._kept: dict[Hashable, CachedBody] = {}
        self._used: dict[Hashable, int] = {}
        self._run = 0
        self._analyses: dict[object, Any] = {}

    def definitions(self, document: SpecDocument) -> Definitions:
        """The names that a spec may use; the same object while its own blocks stay the same."""
        own = document.tree.get("blocks") if document.tree is not None else None
        if self._definitions is None or own != self._own:
            self._own, self._definitions = own, definitions_of(document.blocks)
            self._kept.clear()
            self._used.clear()
        return self._definitions

    def get(self, key: Hashable) -> CachedBody | None:
        """The body of that key, if there is one."""
        kept = self._kept.get(key)
        if kept is not None:
            self._used[key] = self._run
        return kept

    def put(self, key: Hashable, kept: CachedBody) -> None:
        """Keep a body for later runs."""
        self._kept[key] = kept
        self._used[key] = self._run

    def analysis_cache(self, kind: Callable[[], T]) -> T:
        """What an analysis keeps of the bodies between runs: made once, and empty at first."""
        if kind not in self._analyses:
            self._analyses[kind] = kind()
        found: T = self._analyses[kind]
        return found

    def begin_run(self) -> None:
        """Begin another run of lint: forget what has not been used for some."""
        self._run += 1
        for key in [key for key, turn in self._used.items() if turn < self._run - RUNS_KEPT]:
            del self._kept[key], self._used[key]
