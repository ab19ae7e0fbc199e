"""An open document: its newest text analysed, what was found in it, and the last version that could be read."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.diagnostics import Diagnostic
from archspec.errors import ConfigurationError
from archspec.linter.configuration import Configurations
from archspec.linter.engine import EVERYTHING, lint_spec
from archspec.linter.selection import Selection
from archspec.lowering.cache import LoweringCache
from archspec.lsp.analysis import UNTITLED, Analysis
from archspec.lsp.hover import Hover, hover
from archspec.lsp.words import SPEC
from archspec.source.positions import LINE_BREAK

MARKER = "archspec:"
TOP_LEVEL = re.compile(r"^([a-z]+):", re.MULTILINE)


class Document(Struct):
    """What the server knows of one open text; `found` are its findings, of the base alone until the variants' come."""

    uri: str
    current: Analysis
    selection: Selection = EVERYTHING
    found: tuple[Diagnostic, ...] | None = None
    good: Analysis | None = None  # the last version without holes
    variants: LoweringCache = field(default_factory=LoweringCache)  # of the lint with variants

    def change(self, text: str) -> None:
        """Take a new text; its findings are not known yet."""
        if text == self.current.text:
            return
        self._remember()
        before, self.current = self.current, self.current.newer(text)
        if not self._says_the_same(before):
            self.found = None

    def findings(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the newest text where no variant is chosen, or with all of them once that is known."""
        if not is_spec(self.current.text):
            return ()
        if self.found is None:
            spec, found = self.current.loaded
            self.found = lint_spec(spec, found, False, self.selection, self.current.cache)
        return self.found

    @property
    def has_variants(self) -> bool:
        """Whether the findings without a variant are not all there are."""
        spec = self.current.loaded[0] if is_spec(self.current.text) else None
        return spec is not None and bool(spec.variants)

    def findings_with_variants(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the newest text and with each of its variants; safe to ask for in another thread."""
        spec, found = Analysis(self.current.text, self.current.file).loaded
        return lint_spec(spec, found, True, self.selection, self.variants)

    def hover(self, line: int, column: int) -> Hover | None:
        """What to show at a place; where the text has become unreadable there, what the last good version said."""
        told = hover(self.current, line, column)
        if told is not None or self.current.graph is not None or self.good is None:
            return told
        before = carried(self.current.text, self.good.text, line)
        if before is None:
            return None
        told = hover(self.good, before, column)
        if told is None:
            return None
        moved = line - before
        span = replace(told.span, line=told.span.line + moved, end_line=told.span.end_line + moved)
        return Hover(told.text, span)

    def _says_the_same(self, before: Analysis) -> bool:
        """Whether only comments differ from an earlier version, so that its findings hold.

        Comments that are addressed to archspec count, and where there is a fix its edits may touch them.
        """
        if self.found is None or any(d.fix is not None for d in self.found):
            return False
        if any(MARKER in version.text for version in (before, self.current)):
            return False
        (old, found), (new, anew) = before.loaded, self.current.loaded
        return old is not None and new is not None and found == anew and old.document.tree == new.document.tree

    def _remember(self) -> None:
        """Keep the version that is being left, if it could be read as a whole."""
        spec, found = self.current.loaded
        if spec is not None and not any(d.is_error for d in found):
            self.good = self.current


def opened(uri: str, path: str | None, text: str) -> Document:
    """A document that has just been opened; `path` is None where it is no file."""
    return Document(uri, Analysis(text, path or UNTITLED), selection_for(path))


def selection_for(path: str | None) -> Selection:
    """The rules that the configuration nearest to a file asks for; all of them where it cannot be read."""
    if path is None:
        return EVERYTHING
    try:
        return Configurations().of(str(Path(path).parent)).selection(path)
    except (ConfigurationError, OSError):
        return EVERYTHING


def is_spec(text: str) -> bool:
    """Whether a YAML text is a spec, and not one of the many other files that editors hand to every YAML server.

    It declares its `input`, or has two more of the headings that specs have.
    """
    keys = set(TOP_LEVEL.findall(text))
    return "input" in keys or len(keys & SPEC.keys() - {"name", "about"}) > 1


def carried(text: str, before: str, line: int) -> int | None:
    """The line of an earlier text that a line, from 1, of this one was: unchanged, above or below what has changed."""
    new, old = LINE_BREAK.split(text), LINE_BREAK.split(before)
    if not 1 <= line <= len(new):
        return None
    if line <= len(old) and new[:line] == old[:line]:
        return line
    below = len(new) - line + 1
    if below <= len(old) and new[-below:] == old[-below:]:
        return len(old) - below + 1
    return None
