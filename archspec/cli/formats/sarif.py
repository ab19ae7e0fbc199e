"""Findings as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

import archspec
from archspec.cli.formats.report import LintReport, as_json, printable
from archspec.diagnostics import Cause, Diagnostic, Severity, Span
from archspec.linter.catalogue import find_rule
from archspec.linter.rule import Rule

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# The name by which code scanning services know the root of a checkout.
ROOT = "%SRCROOT%"


def render(report: LintReport) -> str:
    """Return one run: the rules that have findings, and the findings."""
    codes = sorted({d.code for d in report.diagnostics})
    driver = {"name": "archspec", "version": archspec.__version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        # Spans count characters of Python; consumers that assume UTF-16 would be off behind an emoji.
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"uri": Path.cwd().as_uri().rstrip("/") + "/"}},
        "results": [_result(d, codes.index(d.code)) for d in report.diagnostics],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return as_json(log)


def _rule(code: str) -> dict[str, Any]:
    rule = find_rule(code)
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": _sentence(rule.summary)},
        "fullDescription": {"text": _sentence(rule.why)},
        "help": {"text": f"{rule.why} {rule.hint}", "markdown": _help(rule)},
        "defaultConfiguration": {"enabled": rule.enabled, "level": LEVELS[rule.severity]},
    }


def _help(rule: Rule) -> str:
    """Return a short form of the rule's page, as Markdown."""
    parts = [f"{rule.why}\n\n{rule.hint}"]
    for title, text in (("Not", rule.bad[0].text if rule.bad else ""), ("But", rule.good[0] if rule.good else "")):
        if text:
            parts.append(f"{title}:\n\n```yaml\n{text.rstrip()}\n```")
    return "\n\n".join(parts)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _result(diagnostic: Diagnostic, index: int) -> dict[str, Any]:
    """Return a finding; causes with a place are related locations, the others are part of the message."""
    # A related location needs a place, which the other causes lack.
    texts = [diagnostic.message, *(c.message for c in diagnostic.causes if c.span is None), diagnostic.hint]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": LEVELS[diagnostic.severity],
        "message": {"text": "\n".join(printable(text) for text in texts if text)},
        "locations": [{"physicalLocation": _physical(diagnostic.span)}],
    }
    placed = [cause for cause in diagnostic.causes if cause.span is not None]
    if placed:
        result["relatedLocations"] = [_related(number, cause) for number, cause in enumerate(placed)]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic)]
    return result


def _related(number: int, cause: Cause) -> dict[str, Any]:
    assert cause.span is not None
    return {
        "id": number,
        "physicalLocation": _physical(cause.span),
        "message": {"text": printable(cause.message) or "because of this"},
    }


def _fix(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return the edits of a fix, grouped by file."""
    assert diagnostic.fix is not None
    files: dict[str, list[dict[str, Any]]] = {}
    for edit in diagnostic.fix.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
        files.setdefault(edit.span.file, []).append(replacement)
    return {
        "description": {"text": printable(diagnostic.hint) or f"Fix {diagnostic.code}."},
        "artifactChanges": [
            {"artifactLocation": _artifact(file), "replacements": replacements} for file, replacements in files.items()
        ],
        "properties": {"applicability": diagnostic.fix.applicability},
    }


def _physical(span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(span.file), "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _artifact(file: str) -> dict[str, Any]:
    """Return where a file is: relative to the working directory, or absolute if it was written so."""
    if os.path.isabs(file):
        return {"uri": PurePath(file).as_uri()}
    # surrogateescape keeps the bytes of a name that is not UTF-8.
    return {"uri": quote(file.replace(os.sep, "/"), safe="/", errors="surrogateescape"), "uriBaseId": ROOT}
