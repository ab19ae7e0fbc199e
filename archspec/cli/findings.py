"""The printing of findings, and the exit code that follows from them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from archspec.cli.exit_codes import CLEAN, FINDINGS, USAGE
from archspec.cli.formats import render
from archspec.cli.formats.report import LintReport, reaches
from archspec.cli.terminal import has_colour
from archspec.diagnostics import Diagnostic, Severity
from archspec.linter.settings import FORMATS


def is_unusable(diagnostic: Diagnostic) -> bool:
    """Return whether a finding reports a file or an argument that cannot be used at all."""
    # Values of --set and --input have the name of their option as their file.
    return diagnostic.code.startswith("FIL") or diagnostic.span.file.startswith("--")


def exit_code(diagnostics: Iterable[Diagnostic], fail_level: Severity = Severity.WARNING) -> int:
    """Return 0 for a clean spec, 1 for findings at or above the level, 2 if a file or an argument cannot be used."""
    counted = [d for d in diagnostics if reaches(d, fail_level)]
    if not counted:
        return CLEAN
    return USAGE if any(map(is_unusable, counted)) else FINDINGS


def report(diagnostics: tuple[Diagnostic, ...], form: str, texts: dict[str, str] | None = None) -> int:
    """Print findings on standard output; return the exit code.

    `form` is a command's `--format`: in one that findings do not have (`text`, `csv`), they are printed in full.
    """
    failing = frozenset(d for d in diagnostics if reaches(d, Severity.WARNING))
    texts = texts if texts is not None else {}
    shown = LintReport(diagnostics, texts=texts, failing=failing, colour=has_colour(sys.stdout))
    text = render(form if form in FORMATS else "full", shown)
    if text:
        print(text)
    return exit_code(diagnostics)
