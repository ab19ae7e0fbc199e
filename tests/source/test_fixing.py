"""apply_fixes: what is applied, what is left out, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archspec
from archspec.diagnostics import Diagnostic, Edit, Fix, Span
from archspec.source.positions import Positions

TEXT = "0123\n5678\r\nBCDE"


def _finding(*edits: tuple[int, int, str], how: str = "safe", file: str = "f") -> Diagnostic:
    positions = Positions(TEXT, file)
    made = tuple(Edit(positions.span(start, end), text) for start, end, text in edits)
    return Diagnostic("X001", "", Span(file, 1, 1, 1, 1), fix=Fix(how, made))


def test_edits_are_applied_at_their_places() -> None:
    findings = [_finding((11, 12, "b")), _finding((0, 1, ""), (5, 5, "+"))]
    assert archspec.apply_fixes(TEXT, findings) == "123\n+5678\r\nbCDE"
    assert archspec.apply_fixes("\ufeff" + TEXT, findings) == "\ufeff123\n+5678\r\nbCDE"


def test_unsafe_fixes_are_applied_only_when_wanted() -> None:
    findings = [_finding((0, 1, "a"), how="unsafe"), Diagnostic("X002", "", Span("f", 1, 1, 1, 1))]
    assert archspec.apply_fixes(TEXT, findings) == TEXT
    assert archspec.apply_fixes(TEXT, findings, unsafe=True) == "a123\n5678\r\nBCDE"


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ((0, 2), (1, 3), False),
        ((0, 2), (0, 2), False),
        ((0, 2), (2, 4), True),
        ((2, 2), (2, 2), False),
        ((2, 2), (0, 2), False),
        ((2, 2), (2, 3), False),
        ((0, 4), (2, 2), False),
    ],
)
def test_of_overlapping_fixes_the_first_is_applied_as_a_whole(
    first: tuple[int, int], second: tuple[int, int], both: bool
) -> None:
    findings = [_finding((*first, "x")), _finding((*second, "y"), (11, 12, "z"))]
    done = archspec.apply_fixes(TEXT, findings)
    assert "x" in done
    assert ("y" in done) is both
    assert ("z" in done) is both


def test_one_edit_that_two_findings_share_is_made_once() -> None:
    findings = [_finding((0, 1, "x")), _finding((0, 1, "x"), (2, 3, "y"))]
    assert archspec.apply_fixes(TEXT, findings) == "x1y3\n5678\r\nBCDE"


def test_edits_of_other_files_are_left_out() -> None:
    findings = [_finding((0, 1, "x")), _finding((1, 2, "y"), file="g")]
    assert archspec.apply_fixes(TEXT, findings, file="g") == "0y23\n5678\r\nBCDE"
    assert archspec.apply_fixes(TEXT, findings, file="h") == TEXT
    with pytest.raises(ValueError, match="file="):
        archspec.apply_fixes(TEXT, findings)


EDITS = st.tuples(st.integers(0, 15), st.integers(0, 15), st.text("ab", max_size=2)).map(
    lambda edit: (min(edit[:2]), max(edit[:2]), edit[2])
)


@given(st.lists(EDITS, max_size=8))
def test_what_no_edit_covers_stays(edits: list[tuple[int, int, str]]) -> None:
    """Against a model: edits taken one after the other, applied from the last to the first."""
    taken: list[tuple[int, int, str]] = []
    for edit in edits:
        apart = all(
            edit == other
            or (edit[1] < other[0] or other[1] < edit[0])
            or (edit[0] != edit[1] and other[0] != other[1] and (edit[1] == other[0] or other[1] == edit[0]))
            for other in taken
        )
        if apart and edit not in taken:
            taken.append(edit)
    text = TEXT
    for start, end, replacement in sorted(taken, reverse=True):
        text = text[:start] + replacement + text[end:]
    assert archspec.apply_fixes(TEXT, [_finding(edit) for edit in edits]) == text
