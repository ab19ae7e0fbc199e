"""What archspec has to say about a text: spans, diagnostics, fixes, and the one exception that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct, field


def printable(text: str) -> str:
    """A text on one line: control characters of a spec's own never reach a terminal, a log or an XML parser."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class Span(Struct, frozen=True, order=True):
    """A stretch of one file; lines and columns count from 1, the end column is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def in_library(self) -> bool:
        """Whether the place is in one of the library's files."""
        return self.file.startswith("library/")

    def contains(self, other: Span) -> bool:
        """Whether another span of the same file lies inside this one, or is this one."""
        start, end = (other.line, other.column), (other.end_line, other.end_column)
        return (self.line, self.column) <= start and end <= (self.end_line, self.end_column) and self.file == other.file

    def shifted(self, start: int, length: int = 1) -> Span:
        """The part of a single-line span that begins `start` characters in (for errors inside an expression)."""
        if self.line != self.end_line:
            return self
        column = min(self.column + start, max(self.column, self.end_column - 1))
        return Span(self.file, self.line, column, self.line, min(column + length, max(column + 1, self.end_column)))


class Severity(StrEnum):
    """How much a finding matters: an error never builds, a warning probably is not meant, an info is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Cause(Struct, frozen=True):
    """One link of the chain that explains a finding: a sentence and, where there is one, its place."""

    message: str
    span: Span | None = None


class Edit(Struct, frozen=True):
    """Replace the text of a span."""

    span: Span
    replacement: str


class Fix(Struct, frozen=True):
    """Edits that fix a finding; `safe` ones never change what the design means."""

    applicability: str
    edits: tuple[Edit, ...]


class Diagnostic(Struct, frozen=True):
    """One finding: where, what, why (causes) and what to do (hint, fix)."""

    code: str
    message: str
    span: Span
    severity: Severity = Severity.ERROR
    causes: tuple[Cause, ...] = ()
    hint: str = ""
    fix: Fix | None = field(default=None)

    def __str__(self) -> str:
        return f"{self.span}: {self.code} {self.message}"

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def respelt(word: str, close: str | None, span: Span) -> Fix | None:
    """The fix that writes the word that was probably meant, where the span holds the misspelt one and nothing else."""
    if close is None or span.line != span.end_line or span.end_column - span.column != len(word):
        return None
    return Fix("unsafe", (Edit(span, close),))


MOST_COMPARED, LONGEST_COMPARED = 1_000, 100


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` is most likely a misspelling of, or None.

    Among more than MOST_COMPARED words it does not look: comparing takes time, and hostile text could ask for it often.
    """
    words = tuple(sorted(known))
    if len(words) > MOST_COMPARED or len(word) > LONGEST_COMPARED:
        return None
    return _closest(word, words)


@lru_cache(maxsize=64)  # a misspelt layer is looked up again in each of its repeats
def _closest(word: str, words: tuple[str, ...]) -> str | None:
    lowered = word.lower()
    same = [known_word for known_word in words if known_word.lower() == lowered and known_word != word]
    close = same or nearest(word, words) or nearest(lowered, words)
    return close[0] if close else None


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return the known words most like `word`, the likest first: `count` at most, and none that are unlike it."""
    from difflib import get_close_matches  # imported for a mistake alone: a clean lint does not need it

    return get_close_matches(word, known if isinstance(known, Sequence) else list(known), n=count, cutoff=0.6)


def sort_diagnostics(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by place, code and message, equal ones once."""
    return tuple(sorted(dict.fromkeys(found), key=lambda d: (d.span, d.code, d.message)))
