"""Applying fixes to a text."""

from __future__ import annotations

import os
from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import pairwise

from archspec.diagnostics import Diagnostic, Edit
from archspec.source.positions import Positions

_BOM = "\ufeff"
OffsetEdit = tuple[int, int, str]
"""An edit by offsets: start, end, replacement."""


def apply_fixes(
    text: str,
    diagnostics: Iterable[Diagnostic],
    unsafe: bool = False,
    *,
    file: str | os.PathLike[str] | None = None,
) -> str:
    """Return the text with the fixes of its findings applied: the safe ones, and with `unsafe` all of them.

    A fix that overlaps with an earlier one is left out; a second round, on the findings of the new text, applies it.
    `file` is the file name of the text in the findings; edits of other files are left out. Without it all findings must
    be of one file, else ValueError is raised.
    """
    return fix_text(text, diagnostics, unsafe, None if file is None else os.fspath(file))[0]


def fix_text(text: str, diagnostics: Iterable[Diagnostic], unsafe: bool, file: str | None) -> tuple[str, int]:
    """Return what `apply_fixes` returns, and the number of findings that it fixes."""
    fixable = [d for d in diagnostics if is_fixable(d, unsafe) and file in (None, *_files(d))]
    if file is None and len({edit.span.file for d in fixable if d.fix for edit in d.fix.edits}) > 1:
        raise ValueError("the findings have fixes for several files: say which is the text's, `file=...`")
    bare = text.removeprefix(_BOM)
    positions = Positions(bare, "")
    taken: list[OffsetEdit] = []
    count = 0
    for diagnostic in fixable:
        assert diagnostic.fix is not None
        edits = [_to_offsets(positions, edit) for edit in diagnostic.fix.edits]
        # Findings may share an edit; made once, it serves all of them and does not overlap with itself.
        new = [edit for edit in dict.fromkeys(edits) if edit not in taken]
        # A fix is applied as a whole or not at all: half of its edits could break the file.
        if not any(_overlaps(edit, taken) for edit in new) and not _overlap_each_other(new):
            count += 1
            for edit in new:
                insort(taken, edit)
    return text[: len(text) - len(bare)] + _apply(bare, taken), count


def is_fixable(diagnostic: Diagnostic, unsafe: bool) -> bool:
    """Return whether a finding carries a fix that is safe, or with `unsafe` any fix."""
    fix = diagnostic.fix
    return fix is not None and bool(fix.edits) and (unsafe or fix.applicability == "safe")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with edits applied that do not overlap."""
    bare = text.removeprefix(_BOM)
    positions = Positions(bare, "")
    return text[: len(text) - len(bare)] + _apply(bare, sorted(_to_offsets(positions, edit) for edit in edits))


def _files(diagnostic: Diagnostic) -> tuple[str, ...]:
    """Return the one file of all of a finding's edits; nothing if there are several."""
    files = {edit.span.file for edit in diagnostic.fix.edits} if diagnostic.fix is not None else set()
    return tuple(files) if len(files) == 1 else ()


def _to_offsets(positions: Positions, edit: Edit) -> OffsetEdit:
    span = edit.span
    return positions.index(span.line, span.column), positions.index(span.end_line, span.end_column), edit.replacement


def _overlaps(edit: OffsetEdit, taken: list[OffsetEdit]) -> bool:
    """Return whether an edit touches a taken one; two edits that only meet do so if one of them is an insertion.

    `taken` is sorted and free of overlaps, so only the two neighbours can touch.
    """
    place = bisect_left(taken, edit)
    return any(_touch(edit, other) for other in taken[max(0, place - 1) : place + 1])


def _overlap_each_other(edits: list[OffsetEdit]) -> bool:
    ordered = sorted(edits)
    return any(_touch(edit, other) for edit, other in pairwise(ordered))


def _touch(one: OffsetEdit, other: OffsetEdit) -> bool:
    first, second = sorted((one, other))
    # Of an insertion that meets another edit, the order of the two texts would be undefined.
    if first[0] == first[1] or second[0] == second[1]:
        return second[0] <= first[1]
    return second[0] < first[1]


def _apply(text: str, edits: list[OffsetEdit]) -> str:
    pieces, done = [], 0
    for start, end, replacement in edits:
        pieces += [text[done:start], replacement]
        done = end
    return "".join([*pieces, text[done:]])
