"""The open documents of an editor: the newest text of each, its diagnostics, and its last good version."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.diagnostics import Diagnostic
from archspec.errors import ConfigurationError
from archspec.linter.configuration import Configurations
from archspec.linter.engine import EVERYTHING
from archspec.linter.selection import Selection
from archspec.lowering.cache import LoweringCache
from archspec.lsp.analysis import UNTITLED, Analysis
from archspec.lsp.descriptions import SPEC
from archspec.lsp.hover import Hover, hover
from archspec.source.positions import LINE_BREAK

MARKER = "archspec:"
TOP_LEVEL = re.compile(r"^([a-z]+):", re.MULTILINE)


class OpenDocument(Struct):
    """A text that is open in an editor: its newest version and the diagnostics of that.

    `diagnostics` are those of the base alone until the variants have been checked, and None before either. `good` is
    the last version that could be read without an error, which hovers fall back on.
    """

    uri: str
    current: Analysis
    selection: Selection = EVERYTHING
    diagnostics: tuple[Diagnostic, ...] | None = None
    good: Analysis | None = None
    variants_cache: LoweringCache = field(default_factory=LoweringCache)

    def change(self, text: str) -> None:
        """Take a new text; its diagnostics are unknown unless only comments have changed."""
        if text == self.current.text:
            return
        self._keep_if_good()
        before, self.current = self.current, self.current.with_text(text)
        if not self._has_same_diagnostics(before):
            self.diagnostics = None

    def lint(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of the newest text: of its base, or of all variants where those are known."""
        if not is_spec(self.current.text):
            return ()
        if self.diagnostics is None:
            self.diagnostics = self.current.document.lint(False, self.selection)
        return self.diagnostics

    @property
    def has_variants(self) -> bool:
        """Whether the text has variants, so that the base's diagnostics are not all there are."""
        return is_spec(self.current.text) and bool(self.current.document.variants)

    def lint_variants(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of the newest text in each of its variants.

        Safe to call in another thread: it uses a separate cache and changes nothing here.
        """
        document = Analysis(self.current.text, self.current.file, self.variants_cache).document
        return document.lint(True, self.selection)

    def hover(self, line: int, column: int) -> Hover | None:
        """Return the hover of a place; while the text is unreadable there, that of the last good version."""
        shown = hover(self.current, line, column)
        if shown is not None or self.current.graph is not None or self.good is None:
            return shown
        before = map_line(self.current.text, self.good.text, line)
        if before is None:
            return None
        shown = hover(self.good, before, column)
        if shown is None:
            return None
        moved = line - before
        span = replace(shown.span, line=shown.span.line + moved, end_line=shown.span.end_line + moved)
        return Hover(shown.text, span)

    def _has_same_diagnostics(self, before: Analysis) -> bool:
        """Return whether only comments differ from an earlier version, so that its diagnostics hold.

        They may not where a comment addresses archspec, or where a fix may edit one.
        """
        if self.diagnostics is None or any(d.fix is not None for d in self.diagnostics):
            return False
        # A comment may have become a suppression, or ceased to be one.
        if any(MARKER in version.text for version in (before, self.current)):
            return False
        old, new = before.document, self.current.document
        if old.spec is None or new.spec is None or old.read_diagnostics != new.read_diagnostics:
            return False
        # Trees compare with spans: a comment that moves a line changes where the diagnostics are.
        return old.spec.document.tree == new.spec.document.tree

    def _keep_if_good(self) -> None:
        """Keep the version that is being left, if it could be read without an error."""
        document = self.current.document
        if document.spec is not None and not any(d.is_error for d in document.read_diagnostics):
            self.good = self.current


def open_document(uri: str, path: str | None, text: str) -> OpenDocument:
    """Return a document that has just been opened; `path` is None where it is no file."""
    return OpenDocument(uri, Analysis(text, path or UNTITLED), selection_for(path))


def selection_for(path: str | None) -> Selection:
    """Return the rules that the configuration nearest to a file selects; the default ones where it cannot be read."""
    if path is None:
        return EVERYTHING
    try:
        return Configurations().of(str(Path(path).parent)).selection(path)
    except (ConfigurationError, OSError):
        return EVERYTHING


def is_spec(text: str) -> bool:
    """Return whether a YAML text is a spec, and not one of the many other files that editors send to every YAML server.

    It declares its `input`, or has two more of the headings that specs have.
    """
    keys = set(TOP_LEVEL.findall(text))
    return "input" in keys or len(keys & SPEC.keys() - {"name", "about"}) > 1


def map_line(text: str, before: str, line: int) -> int | None:
    """Return the line of an earlier text that a line, from 1, of this one was; None within what has changed."""
    new, old = LINE_BREAK.split(text), LINE_BREAK.split(before)
    if not 1 <= line <= len(new):
        return None
    if line <= len(old) and new[:line] == old[:line]:
        return line
    # Counted from the end: an insertion above moves all lines below it by the same number.
    below = len(new) - line + 1
    if below <= len(old) and new[-below:] == old[-below:]:
        return len(old) - below + 1
    return None
