"""The data model of lint rules: a code with its texts, examples of both kinds, a check and a fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from archspec.diagnostics import Cause, Diagnostic, Edit, Severity, Span

if TYPE_CHECKING:
    from archspec.ir.flat import FlatNode
    from archspec.linter.rule_context import RuleContext

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
Applicability = Literal["", "safe", "unsafe"]


class Finding(Struct, frozen=True):
    """The result of one check: a sentence, and the op or span that it is about.

    `argument` narrows the place to that argument of the op, where it is written. `edits` fix the finding; the rule's
    `applicability` says how safely. `severity` overrides the rule's. `replaces` lists diagnostics of lowering that this
    finding explains better and which are dropped.
    """

    message: str
    at: FlatNode | Span
    argument: str = ""
    hint: str = ""
    causes: tuple[Cause, ...] = ()
    edits: tuple[Edit, ...] = ()
    severity: Severity | None = None
    replaces: tuple[Diagnostic, ...] = ()


class Example(Struct, frozen=True):
    """A whole spec that has the finding, and its place: `at` is "line:column"."""

    text: str
    at: str


class Rule(Struct, frozen=True):
    """One code with everything that lint, `archspec explain`, the documentation and the tests need of it.

    Its module in `rules/` is named after code and name: `cnv005_even_kernel.py` holds CNV005 `even-kernel`.
    """

    code: str
    name: str
    """The violation, in lower case with dashes."""
    severity: Severity
    summary: str
    why: str
    hint: str
    """The remedy: the hint of every finding that has none."""
    bad: tuple[Example, ...] = ()
    good: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    applicability: Applicability = ""
    """Whether fixes keep what the network computes ("safe") or may change it ("unsafe"); "" for a rule without."""
    enabled: bool = True
    """False for a rule that runs only when `--select` names it."""
    includes_library: bool = False
    """Whether the library's own layers are reported too, at the user's call. Their style is not the user's concern."""
    supersedes: tuple[str, ...] = ()
    """Codes whose findings at the same span are dropped, because this rule explains them."""
    check: Callable[[RuleContext], Iterator[Finding]] | None = None
    """The function that checks a Graph; None where the diagnostic is made while the text is read or lowered."""
    fix: Callable[[RuleContext, Span], tuple[Edit, ...]] | None = None
    """The function that makes the edits for a diagnostic of lowering at a span; they are empty where none is sure."""
