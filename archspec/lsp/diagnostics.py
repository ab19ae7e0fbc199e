"""Diagnostics in the types of the language server protocol."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from lsprotocol import types

from archspec.diagnostics import Cause, Diagnostic, Severity, Span
from archspec.lsp.positions import LineIndex
from archspec.lsp.uris import rule_page_uri, uri_of

SOURCE: Final = "archspec"
# Unused declarations, suppressions and layers: editors show what is tagged as unnecessary faded.
UNUSED: Final = frozenset({"SPC006", "SPC007", "GRF001"})
SEVERITIES: Final = MappingProxyType(
    {
        Severity.ERROR: types.DiagnosticSeverity.Error,
        Severity.WARNING: types.DiagnosticSeverity.Warning,
        Severity.INFO: types.DiagnosticSeverity.Information,
    }
)


def to_diagnostics(found: tuple[Diagnostic, ...], file: str, uri: str, lines: LineIndex) -> list[types.Diagnostic]:
    """Return the diagnostics of one text; those about another file go to its top, with a link to their place."""
    return [_one(diagnostic, file, uri, lines) for diagnostic in found]


def range_of(span: Span, file: str, lines: LineIndex) -> types.Range:
    """Return the range of a diagnostic: at least one character, so that it is visible."""
    if span.file != file:
        return types.Range(types.Position(0, 0), types.Position(0, 0))
    shown = lines.range(span)
    # Editors draw nothing for an empty range.
    if shown.start == shown.end:
        shown = types.Range(shown.start, lines.position(span.line, span.end_column + 1))
    return shown


def _one(diagnostic: Diagnostic, file: str, uri: str, lines: LineIndex) -> types.Diagnostic:
    page = rule_page_uri(diagnostic.code)
    hint = f"\n{diagnostic.hint}" if diagnostic.hint else ""
    causes = list(diagnostic.causes)
    # The protocol binds diagnostics to one document; the other file is reachable as related information.
    if diagnostic.span.file != file:
        causes.insert(0, Cause(f"in {diagnostic.span.file}", diagnostic.span))
    placed = [related for cause in causes if (related := _related(cause, file, uri, lines)) is not None]
    unplaced = [cause.message for cause in causes if cause.span is None]
    return types.Diagnostic(
        range=range_of(diagnostic.span, file, lines),
        message="\n".join([diagnostic.message, *unplaced]) + hint,
        severity=SEVERITIES[diagnostic.severity],
        code=diagnostic.code,
        code_description=types.CodeDescription(page) if page is not None else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if diagnostic.code in UNUSED else None,
        related_information=placed or None,
    )


def _related(cause: Cause, file: str, uri: str, lines: LineIndex) -> types.DiagnosticRelatedInformation | None:
    if cause.span is None:
        return None
    target = uri_of(cause.span.file, file, uri)
    if target is None:
        return None
    place = lines.range(cause.span) if cause.span.file == file else character_range(cause.span)
    return types.DiagnosticRelatedInformation(types.Location(target, place), cause.message)


def character_range(span: Span) -> types.Range:
    """Return the range of a span in a file that is not open, counted in characters.

    That is exact unless the line has characters outside the basic plane, of which UTF-16 counts two units.
    """
    start = types.Position(span.line - 1, span.column - 1)
    return types.Range(start, types.Position(span.end_line - 1, span.end_column - 1))
