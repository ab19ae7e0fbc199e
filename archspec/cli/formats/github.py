"""Findings as GitHub's workflow commands, which become annotations on the changed lines."""

from __future__ import annotations

from archspec.cli.formats.report import LintReport, as_sentence, printable
from archspec.diagnostics import Diagnostic, Severity

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: LintReport) -> str:
    """Return one command a line; no text of a spec can begin another command."""
    return "\n".join(_command(d) for d in report.diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    # Columns are allowed only within one line, and the last one is included.
    columns = {"col": span.column, "endColumn": max(span.end_column - 1, span.column)}
    properties: dict[str, object] = {
        "file": printable(span.file),
        "line": span.line,
        "endLine": span.end_line,
        **(columns if span.line == span.end_line else {}),
        "title": f"archspec {diagnostic.code}",
    }
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    place = printable(f"{span.file}:{span.line}:{span.column}")
    # The log of a run shows the message alone, without the properties.
    message = f"{place}: {diagnostic.code} {as_sentence(diagnostic)}"
    return f"::{COMMANDS[diagnostic.severity]} {written}::{_data(message)}"


def _data(text: str) -> str:
    # As @actions/core escapes data, and properties below; the per cent sign first, or it would be escaped twice.
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
