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


def spelling_fix(word: str, known: Iterable[str], span: Span) -> Fix | None:
    """Return the fix that writes the only known word which `word` can be a misspelling of; None if there is none.

    None also where the span holds more than the word. The known words must all be of the kind that the place takes.
    """
    near = similar(word, known)
    return replacement_fix(word, near[0], span) if len(near) == 1 and _is_slip(word, near[0]) else None


def replacement_fix(word: str, meant: str, span: Span) -> Fix | None:
    """Return the fix that writes another word, where the span holds the first one and nothing else."""
    if span.line != span.end_line or span.end_column - span.column != len(word):
        return None
    return Fix("unsafe", (Edit(span, meant),))


MOST_COMPARED, LONGEST_COMPARED = 1_000, 100
_MOST_CHANGES = 3
_SEPARATORS = str.maketrans("", "", "_- ")


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` is most likely a misspelling of, of several the first; None if none is near."""
    return next(iter(similar(word, known)), None)


def spelling_hint(word: str, known: Iterable[str]) -> str:
    """Return the question that names the known words which may be meant, three at most; "" if none is near."""
    near = similar(word, known)[:3]
    return f"did you mean {' or '.join(near)}?" if near else ""


def similar(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known words that `word` may be a misspelling of: all that are equally near, sorted.

    Near is one letter in three changed at most (added, removed, replaced or two swapped), and three in all.
    Capitals, `_`, `-` and spaces do not count. Among more than MOST_COMPARED words it does not look: comparing takes
    time, and hostile text could ask for it often.
    """
    words = tuple(sorted({*known} - {word}))
    if len(words) > MOST_COMPARED or len(word) > LONGEST_COMPARED:
        return ()
    return _closest(word, words)


@lru_cache(maxsize=64)  # a misspelt layer is looked up again in each of its repeats
def _closest(word: str, words: tuple[str, ...]) -> tuple[str, ...]:
    bare = without_separators(word)
    least = min(_MOST_CHANGES, (len(bare) + 1) // 3)
    found: tuple[str, ...] = ()
    for other in words:
        distance = _distance(bare, without_separators(other), least)
        if distance < least or (distance == least and not found):
            least, found = distance, (other,)
        elif distance == least:
            found = (*found, other)
    return found


def without_separators(word: str) -> str:
    """Return a word in small letters without `_`, `-` and spaces, which do not count in a comparison."""
    return word.lower().translate(_SEPARATORS)


def _distance(one: str, other: str, limit: int) -> int:
    """Return how many letters are added, removed, replaced or swapped with their neighbour; limit + 1 if more than it.

    The optimal string alignment distance, in the band of the matrix that can stay within the limit.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    far = limit + 1
    before: list[int] = []
    row = [min(j, far) for j in range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [min(i, far)] + [far] * len(other)
        for j in range(max(1, i - limit), min(len(other), i + limit) + 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other[j - 1]), far)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other[j - 1]:
                row[j] = min(row[j], above[j - 2] + 1)
    return row[-1]


def _is_slip(word: str, meant: str) -> bool:
    """Return whether a word differs from a known one so little that it cannot well be a word of its own.

    One letter in four, two in eight. Other digits are never a slip: `enc3` is another layer than `enc2`.
    """
    one, other = without_separators(word), without_separators(meant)
    if "".join(filter(str.isdigit, one)) != "".join(filter(str.isdigit, other)):
        return False
    return _distance(one, other, 2) <= min(2, min(len(one), len(other)) // 4 if one != other else 2)


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Return the known words most like `word`, the likest first: `count` at most, and none that are unlike it."""
    from difflib import get_close_matches  # imported for a mistake alone: a clean lint does not need it

    return get_close_matches(word, known if isinstance(known, Sequence) else list(known), n=count, cutoff=0.6)


def sort_diagnostics(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by place, code and message, equal ones once."""
    return tuple(sorted(dict.fromkeys(found), key=lambda d: (d.span, d.code, d.message)))
