"""The printing of findings, and the exit code that follows from them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from archspec.cli.arguments import is_in_argument
from archspec.cli.exit_codes import CLEAN, FINDINGS, USAGE
from archspec.cli.formats import render
from archspec.cli.formats.report import LintReport, reaches
from archspec.cli.terminal import has_colour
from archspec.diagnostics import Diagnostic, Severity


def is_unusable(diagnostic: Diagnostic) -> bool:
    """Return whether a finding reports a file or an argument that cannot be used at all."""
    return diagnostic.code.startswith("FIL") or is_in_argument(diagnostic)


def exit_code(diagnostics: Iterable[Diagnostic], fail_level: Severity = Severity.WARNING) -> int:
    """Return 0 for a clean spec, 1 for findings at or above the level, 2 if a file or an argument cannot be used."""
    counted = [d for d in diagnostics if reaches(d, fail_level)]
    if not counted:
        return CLEAN
    return USAGE if any(map(is_unusable, counted)) else FINDINGS


def report(diagnostics: tuple[Diagnostic, ...], form: str) -> int:
    """Print findings as a result, on standard output in a format of lint; return the exit code."""
    failing = frozenset(d for d in diagnostics if reaches(d, Severity.WARNING))
    text = render(form, LintReport(diagnostics, failing=failing, colour=has_colour(sys.stdout)))
    if text:
        print(text)
    return exit_code(diagnostics)


def report_errors(diagnostics: tuple[Diagnostic, ...], form: str, texts: dict[str, str] | None = None) -> int:
    """Print findings as the errors of a command; return the exit code.

    On standard error, since standard output may be a file that is to hold the result. Under `json` they are printed as
    the result, which a program reads there.
    """
    if form == "json":
        return report(diagnostics, "json")
    print_errors(diagnostics, texts)
    return exit_code(diagnostics)


def print_errors(diagnostics: tuple[Diagnostic, ...], texts: dict[str, str] | None = None) -> None:
    """Print findings on standard error; `texts` are those that cannot be read again, by the name of their file."""
    if diagnostics:
        # Standard output may be buffered: where both go to one file, the errors would come before the result.
        sys.stdout.flush()
        print(
            render("full", LintReport(diagnostics, texts=texts or {}, colour=has_colour(sys.stderr))), file=sys.stderr
        )
