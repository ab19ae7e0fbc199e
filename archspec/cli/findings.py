"""Diagnostics as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from archspec.cli.arguments import CLEAN, FINDINGS, USAGE, text_of
from archspec.diagnostics import Diagnostic, Severity, Span
from archspec.source import snippet


def full(diagnostics: Iterable[Diagnostic], texts: dict[str, str]) -> str:
    """Each finding with its source lines, its chain of causes and its hint."""
    return "\n\n".join(_full(d, texts) for d in diagnostics)


def _full(diagnostic: Diagnostic, texts: dict[str, str]) -> str:
    lines = [concise_line(diagnostic)]
    text = text_of(diagnostic.span.file, texts)
    if text:
        lines.append(snippet(text, diagnostic.span))
    for cause in diagnostic.causes:
        place = f" ({cause.span})" if cause.span is not None else ""
        lines.append(f"  because: {_printable(cause.message)}{place}")
    if diagnostic.hint:
        lines.append(f"  help: {_printable(diagnostic.hint)}")
    return "\n".join(lines)


def concise_line(diagnostic: Diagnostic) -> str:
    """`path:line:column: CODE message`, on one line whatever is in it."""
    severity = "" if diagnostic.severity is Severity.ERROR else f" {diagnostic.severity.value}:"
    return _printable(f"{diagnostic.span}: {diagnostic.code}{severity} {diagnostic.message}")


def _printable(text: str) -> str:
    """Control characters of a spec's own text never reach a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def to_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """A finding as JSON holds it."""
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


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """All findings as one JSON object."""
    return json.dumps({"diagnostics": [to_dict(d) for d in diagnostics]}, indent=2, ensure_ascii=False)


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """0 for a clean spec, 1 for findings, 2 where a file or an argument could not be used at all."""
    counted = [d for d in diagnostics if d.severity is not Severity.INFO]
    if not counted:
        return CLEAN
    unusable = any(d.code.startswith("FIL") or d.span.file.startswith("--") for d in counted)
    return USAGE if unusable else FINDINGS


def report(diagnostics: tuple[Diagnostic, ...], form: str, texts: dict[str, str] | None = None) -> int:
    """Print findings on standard output as the format asks; the exit code."""
    if form == "json":
        print(as_json(diagnostics))
    elif diagnostics:
        print(full(diagnostics, texts if texts is not None else {}))
    return exit_code(diagnostics)
