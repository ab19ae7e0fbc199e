"""One spec of a lint run: the job, as plain data that can be sent to another process, and its outcome."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from archspec.cli.arguments import STDIN, Choices, partial_spec, with_options
from archspec.diagnostics import Diagnostic, Severity
from archspec.language.load import loads_partial
from archspec.linter.engine import EVERYTHING, lint_spec
from archspec.linter.selection import Selection
from archspec.source import read

AS_WRITTEN = Choices()


class Job(Struct, frozen=True):
    """A spec to lint. `choices` are the variant, parameters and input; `shown` names the text of standard input."""

    name: str
    selection: Selection = EVERYTHING
    choices: Choices = AS_WRITTEN
    variants: bool = True
    fail_level: Severity = Severity.WARNING
    shown: str = STDIN


class Outcome(Struct, frozen=True):
    """What was found in a spec; `text` only where it cannot be read again."""

    job: Job
    diagnostics: tuple[Diagnostic, ...]
    text: str | None = None

    @property
    def name(self) -> str:
        """The spec as the findings name it."""
        return self.job.shown if self.job.name == "-" else self.job.name


def lint_one(job: Job) -> Outcome:
    """Lint one spec; raises SpecError for a parameter or an input that cannot be one."""
    if job.name == "-":
        return _lint_text(job)
    spec, found = partial_spec(job.choices, job.name)
    return Outcome(job, lint_spec(spec, found, job.variants, job.selection))


def _lint_text(job: Job) -> Outcome:
    """Lint standard input; files that it includes are resolved from the directory of `shown`."""
    text, unread = read("-")
    if text is None:
        return Outcome(job, tuple(replace(d, span=replace(d.span, file=job.shown)) for d in unread), "")
    root = str(Path(os.path.dirname(job.shown) or ".").resolve())
    spec, found = with_options(job.choices, *loads_partial(text, job.shown, root))
    return Outcome(job, lint_spec(spec, found, job.variants, job.selection), text)
