"""Fixes applied to a text."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import pairwise

from archspec.diagnostics import Diagnostic, Edit
from archspec.source.positions import Positions

_BOM = "\ufeff"
Placed = tuple[int, int, str]


def apply_fixes(text: str, diagnostics: Iterable[Diagnostic], unsafe: bool = False, *, file: str | None = None) -> str:
    """The text with the fixes of its findings applied: the safe ones, and where `unsafe` is True the others too.

    A fix that overlaps with one before it is left out; a second round, on the findings of the new text, has it.
    `file` is what the findings call the text; edits of other files are left out. Without it all must be of one file.
    """
    return fixed(text, diagnostics, unsafe, file)[0]


def fixed(text: str, diagnostics: Iterable[Diagnostic], unsafe: bool, file: str | None) -> tuple[str, int]:
    """The same, and how many findings it mends."""
    mendable = [d for d in diagnostics if is_fixable(d, unsafe) and file in (None, *_files(d))]
    if file is None and len({edit.span.file for d in mendable if d.fix for edit in d.fix.edits}) > 1:
        raise ValueError("the findings have fixes for several files: say which is the text's, `file=...`")
    bare = text.removeprefix(_BOM)
    positions = Positions(bare, "")
    taken: list[Placed] = []
    count = 0
    for diagnostic in mendable:
        assert diagnostic.fix is not None
        edits = [_placed(positions, edit) for edit in diagnostic.fix.edits]
        new = [edit for edit in dict.fromkeys(edits) if edit not in taken]
        if not any(_overlaps(edit, taken) for edit in new) and not _overlap_each_other(new):
            count += 1
            for edit in new:
                insort(taken, edit)
    return text[: len(text) - len(bare)] + _replaced(bare, taken), count


def is_fixable(diagnostic: Diagnostic, unsafe: bool) -> bool:
    """Whether a finding brings a fix that is safe, or any where unsafe ones are wanted."""
    fix = diagnostic.fix
    return fix is not None and bool(fix.edits) and (unsafe or fix.applicability == "safe")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made that don't overlap."""
    bare = text.removeprefix(_BOM)
    positions = Positions(bare, "")
    return text[: len(text) - len(bare)] + _replaced(bare, sorted(_placed(positions, edit) for edit in edits))


def _files(diagnostic: Diagnostic) -> tuple[str, ...]:
    """The file that all of a finding's edits are of; none where they are of several."""
    files = {edit.span.file for edit in diagnostic.fix.edits} if diagnostic.fix is not None else set()
    return tuple(files) if len(files) == 1 else ()


def _placed(positions: Positions, edit: Edit) -> Placed:
    span = edit.span
    return positions.index(span.line, span.column), positions.index(span.end_line, span.end_column), edit.replacement


def _overlaps(edit: Placed, taken: list[Placed]) -> bool:
    """Whether an edit touches one of those that are taken; where two only meet, one of them must put something in."""
    place = bisect_left(taken, edit)
    return any(_touch(edit, other) for other in taken[max(0, place - 1) : place + 1])


def _overlap_each_other(edits: list[Placed]) -> bool:
    ordered = sorted(edits)
    return any(_touch(edit, other) for edit, other in pairwise(ordered))


def _touch(one: Placed, other: Placed) -> bool:
    first, second = sorted((one, other))
    if first[0] == first[1] or second[0] == second[1]:
        return second[0] <= first[1]
    return second[0] < first[1]


def _replaced(text: str, edits: list[Placed]) -> str:
    pieces, done = [], 0
    for start, end, replacement in edits:
        pieces += [text[done:start], replacement]
        done = end
    return "".join([*pieces, text[done:]])
