"""Quick fixes: the edits that findings carry, one at a time or all that are safe, and a comment that silences one."""

from __future__ import annotations

from msgspec import Struct

from archspec.diagnostics import Diagnostic, Edit, Fix, Span
from archspec.linter.catalogue import find_rule
from archspec.lsp.positions import extent

SAFE = "safe"


class Action(Struct, frozen=True):
    """Something to do about findings: a title, the edits, and whether it is what one most likely wants."""

    title: str
    edits: tuple[Edit, ...]
    diagnostics: tuple[Diagnostic, ...]
    preferred: bool = False


def quick_fixes(found: tuple[Diagnostic, ...], first: tuple[int, int], last: tuple[int, int]) -> list[Action]:
    """What may be done about the findings that touch the text from one place to another."""
    touched = [d for d in found if _touches(d.span, first, last)]
    return [_action(d, d.fix) for d in touched if d.fix is not None and d.fix.edits]


def _touches(span: Span, first: tuple[int, int], last: tuple[int, int]) -> bool:
    return (span.line, span.column) <= last and first <= (span.end_line, span.end_column)


def _action(diagnostic: Diagnostic, fix: Fix) -> Action:
    safe = fix.applicability == SAFE
    return Action(_title(diagnostic, fix), fix.edits, (diagnostic,), safe)


def _title(diagnostic: Diagnostic, fix: Fix) -> str:
    """What a fix does, in words where its finding has them, else by what is written instead."""
    rule = find_rule(diagnostic.code)
    written = fix.edits[0].replacement.strip()
    sentence = diagnostic.hint or (rule.hint if rule is not None else "")
    if not sentence:
        sentence = f"write {written}" if written else "remove this"
    doubt = "" if fix.applicability == SAFE else " (changes what the design means)"
    return f"{diagnostic.code}: {sentence[0].upper()}{sentence[1:].rstrip('.')}{doubt}"


def fix_all(found: tuple[Diagnostic, ...]) -> Action | None:
    """All safe fixes of a text at once, each place changed once; None where there are none."""
    taken: list[Span] = []
    edits: list[Edit] = []
    fixed = []
    for diagnostic in found:
        fix = diagnostic.fix
        if fix is None or fix.applicability != SAFE or any(_meets(edit.span, taken) for edit in fix.edits):
            continue
        taken.extend(edit.span for edit in fix.edits)
        edits.extend(fix.edits)
        fixed.append(diagnostic)
    return Action(f"Fix all that is safe to fix ({len(fixed)})", tuple(edits), tuple(fixed)) if fixed else None


def _meets(span: Span, taken: list[Span]) -> bool:
    """Whether a change would overlap one that is made already; two insertions at one place do as well."""
    for other in taken:
        apart = _end(other) <= _start(span) or _end(span) <= _start(other)
        if not apart or (span == other and extent(span) == (0, 0)):
            return True
    return False


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column
