"""One line a finding: `path:line:column: CODE message`."""

from __future__ import annotations

from archspec.cli.formats.report import LintReport, printable
from archspec.cli.terminal import BOLD, LEVELS, painted
from archspec.diagnostics import Diagnostic, Severity


def render(report: LintReport) -> str:
    """Return a line for each finding."""
    return "\n".join(line(d, report.colour) for d in report.diagnostics)


def line(diagnostic: Diagnostic, colour: bool = False) -> str:
    """Return a finding on one line, control characters escaped; the severity is printed unless it is error."""
    severity = "" if diagnostic.severity is Severity.ERROR else f" {diagnostic.severity.value}:"
    place = painted(printable(str(diagnostic.span)), BOLD, colour)
    code = painted(diagnostic.code + severity, LEVELS[diagnostic.severity], colour)
    return f"{place}: {code} {printable(diagnostic.message)}"
