"""Fixes applied to a text, independently of the code under test."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Edit


def with_fixes(text: str, findings: Iterable[Diagnostic]) -> str:
    """Return the text with the edits of all findings, equal ones once, the last place first."""
    edits = dict.fromkeys(edit for finding in findings if finding.fix for edit in finding.fix.edits)
    for edit in sorted(edits, key=lambda e: e.span, reverse=True):
        text = _edited(text, edit)
    return text


def _edited(text: str, edit: Edit) -> str:
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    span = edit.span
    start, end = starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1
    return text[:start] + edit.replacement + text[end:]
