"""Findings as JSON, in the format that docs/commands.md documents."""

from __future__ import annotations

from typing import Any

from archspec.cli.formats.report import LintReport, as_json
from archspec.diagnostics import Diagnostic, Span


def render(report: LintReport) -> str:
    """Return all findings as one JSON object."""
    return as_json({"diagnostics": [to_dict(d) for d in report.diagnostics]})


def to_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a finding as JSON holds it."""
    fix = None
    if diagnostic.fix is not None:
        edits = [{**_place(e.span), "replacement": e.replacement} for e in diagnostic.fix.edits]
        fix = {"applicability": diagnostic.fix.applicability, "edits": edits}
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "causes": [{"message": c.message, **(_place(c.span) if c.span is not None else {})} for c in diagnostic.causes],
        "hint": diagnostic.hint,
        "fix": fix,
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
