"""What a lint rule is: code and texts, examples of both kinds, and its check, where it looks at a finished Graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from archspec.diagnostics import Cause, Diagnostic, Edit, Severity, Span

if TYPE_CHECKING:
    from archspec.ir.flat import FlatNode
    from archspec.linter.rule_context import View

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
Applicability = Literal["", "safe", "unsafe"]


class Finding(Struct, frozen=True):
    """What a check has found: a sentence, and the op or the place in the text that it is about.

    `argument` moves it to that argument of the op where it is written. `edits` mend it; the rule says how safely.
    `severity` is another than the rule's. The findings of lowering that it is told `instead_of` are not told.
    """

    message: str
    at: FlatNode | Span
    argument: str = ""
    hint: str = ""
    causes: tuple[Cause, ...] = ()
    edits: tuple[Edit, ...] = ()
    severity: Severity | None = None
    instead_of: tuple[Diagnostic, ...] = ()


class Example(Struct, frozen=True):
    """A whole spec that has the finding, and where: `at` is "line:column"."""

    text: str
    at: str


class Rule(Struct, frozen=True):
    """One code. The file in `lint/rules/` that holds it is named after it.

    Without a `check` the finding is made earlier, where the text is read or the Graph is made. `enabled` False: only
    when selected. `everywhere`: told of the library's own layers too, at the user's call; else their style is theirs.
    `fix` is the hint of a finding that brings none. Of the codes in `over` nothing is told at the same place. `mend`
    makes the edits for a finding of lowering at a place.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    fix: str
    bad: tuple[Example, ...] = ()
    good: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    applicability: Applicability = ""
    enabled: bool = True
    everywhere: bool = False
    over: tuple[str, ...] = ()
    check: Callable[[View], Iterator[Finding]] | None = None
    mend: Callable[[View, Span], tuple[Edit, ...]] | None = None
