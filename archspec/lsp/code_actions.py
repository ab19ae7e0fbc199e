"""Code actions: the fixes of diagnostics, one at a time or all that are safe."""

from __future__ import annotations

from msgspec import Struct

from archspec.diagnostics import Diagnostic, Edit, Fix, Span
from archspec.linter.catalogue import find_rule
from archspec.lsp.positions import extent

SAFE = "safe"


class CodeAction(Struct, frozen=True):
    """A title with its edits, the diagnostics that they fix, and whether the editor should prefer it."""

    title: str
    edits: tuple[Edit, ...]
    diagnostics: tuple[Diagnostic, ...]
    preferred: bool = False


def quick_fixes(found: tuple[Diagnostic, ...], first: tuple[int, int], last: tuple[int, int]) -> list[CodeAction]:
    """Return the fixes of the diagnostics that overlap a range."""
    touched = [d for d in found if _touches(d.span, first, last)]
    return [_action(d, d.fix) for d in touched if d.fix is not None and d.fix.edits]


def _touches(span: Span, first: tuple[int, int], last: tuple[int, int]) -> bool:
    return (span.line, span.column) <= last and first <= (span.end_line, span.end_column)


def _action(diagnostic: Diagnostic, fix: Fix) -> CodeAction:
    safe = fix.applicability == SAFE
    return CodeAction(_title(diagnostic, fix), fix.edits, (diagnostic,), safe)


def _title(diagnostic: Diagnostic, fix: Fix) -> str:
    """Return the diagnostic's hint as a title, else the text that the fix writes."""
    rule = find_rule(diagnostic.code)
    written = fix.edits[0].replacement.strip()
    sentence = diagnostic.hint or (rule.hint if rule is not None else "")
    if not sentence:
        sentence = f"write {written}" if written else "remove this"
    doubt = "" if fix.applicability == SAFE else " (changes what the design means)"
    return f"{diagnostic.code}: {sentence[0].upper()}{sentence[1:].rstrip('.')}{doubt}"


def fix_all(found: tuple[Diagnostic, ...]) -> CodeAction | None:
    """Return one action with all safe fixes that do not overlap; None where there are none."""
    taken: list[Span] = []
    edits: list[Edit] = []
    fixed = []
    for diagnostic in found:
        fix = diagnostic.fix
        # Fixes that overlap are left for the next request: applied together they might contradict each other.
        if fix is None or fix.applicability != SAFE or any(_meets(edit.span, taken) for edit in fix.edits):
            continue
        taken.extend(edit.span for edit in fix.edits)
        edits.extend(fix.edits)
        fixed.append(diagnostic)
    return CodeAction(f"Fix all that is safe to fix ({len(fixed)})", tuple(edits), tuple(fixed)) if fixed else None


def _meets(span: Span, taken: list[Span]) -> bool:
    """Return whether an edit would overlap one of those taken; two insertions at one place do."""
    for other in taken:
        apart = _end(other) <= _start(span) or _end(span) <= _start(other)
        if not apart or (span == other and extent(span) == (0, 0)):
            return True
    return False


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column
