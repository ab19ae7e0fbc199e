"""One spec of a lint run: what to check, as plain data that a worker process can be sent, and what was found."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from archspec.cli.arguments import STDIN, Choices, options_of
from archspec.diagnostics import Diagnostic, Severity
from archspec.frontend import Source, open_design, open_text
from archspec.linter.engine import EVERYTHING
from archspec.linter.selection import Selection
from archspec.source import read

NO_CHOICES = Choices()


class LintJob(Struct, frozen=True):
    """A spec to lint. `choices` are the variant, parameters and input; `shown` names the text of standard input."""

    name: str
    selection: Selection = EVERYTHING
    choices: Choices = NO_CHOICES
    variants: bool = True
    fail_level: Severity = Severity.WARNING
    shown: str = STDIN


class LintOutcome(Struct, frozen=True):
    """The diagnostics of a spec; `text` only where it cannot be read again."""

    job: LintJob
    diagnostics: tuple[Diagnostic, ...]
    text: str | None = None

    @property
    def name(self) -> str:
        """The spec's name in its findings."""
        return self.job.shown if self.job.name == "-" else self.job.name


def run_job(job: LintJob) -> LintOutcome:
    """Lint one spec; raises SpecError for a parameter or an input that cannot be one."""
    if job.name == "-":
        return _lint_stdin(job)
    document = open_design(job.name, options_of(job.choices))
    return LintOutcome(job, document.lint(job.variants, job.selection))


def _lint_stdin(job: LintJob) -> LintOutcome:
    """Lint standard input; the files that it includes are relative to the directory of `shown`."""
    text, unread = read("-")
    if text is None:
        return LintOutcome(job, tuple(replace(d, span=replace(d.span, file=job.shown)) for d in unread), "")
    root = str(Path(os.path.dirname(job.shown) or ".").resolve())
    document = open_text(Source(text, job.shown, root), options_of(job.choices))
    return LintOutcome(job, document.lint(job.variants, job.selection), text)
