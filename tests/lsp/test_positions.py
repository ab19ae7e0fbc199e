"""Positions as an editor counts them, against Python's own encoders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from archspec.diagnostics import Span
from archspec.lsp.positions import LineIndex

ENCODINGS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}
TEXTS = st.text(alphabet=st.sampled_from("aé×→😀𝄞\n :"), max_size=40)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXTS, data=st.data())
def test_units_are_what_the_encoder_makes_of_the_line(
    encoding: types.PositionEncodingKind, text: str, data: st.DataObject
) -> None:
    codec, width = ENCODINGS[encoding]
    lines = text.split("\n")
    line = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[line])))
    position = LineIndex(text, encoding).position(line + 1, column + 1)
    assert position == types.Position(line, len(lines[line][:column].encode(codec)) // width)
    assert LineIndex(text, encoding).line_column(position) == (line + 1, column + 1)


def test_utf_16_is_what_holds_without_an_agreement() -> None:
    lines = LineIndex("a: 😀b")
    assert lines.position(1, 5).character == 5
    assert lines.line_column(types.Position(0, 5)) == (1, 5)


def test_lines_end_as_yaml_and_editors_say() -> None:
    lines = LineIndex("a\r\nb\rc\nd\u2028e")
    assert lines.lines == ["a", "b", "c", "d\u2028e"]
    assert lines.range(Span("", 4, 1, 4, 4)) == types.Range(types.Position(3, 0), types.Position(3, 3))


def test_a_byte_order_mark_counts_for_the_editor_alone() -> None:
    lines = LineIndex("\ufeffname: x\ny")
    assert lines.position(1, 1) == types.Position(0, 1)
    assert lines.line_column(types.Position(0, 1)) == (1, 1)
    assert lines.line_column(types.Position(0, 0)) == (1, 1)
    assert lines.position(2, 1) == types.Position(1, 0)


def test_places_outside_the_text_are_moved_inside() -> None:
    lines = LineIndex("ab\nc")
    assert lines.line_column(types.Position(9, 9)) == (2, 2)
    assert lines.position(0, 0) == types.Position(0, 0)
    assert lines.position(7, 7) == types.Position(1, 1)
