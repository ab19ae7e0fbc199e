"""Source lines with carets."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics import Span
from archspec.source.snippet import snippet

TEXT = "a: 1\nlayers: [conv, act]\nb: 2\n"


def test_carets_and_context() -> None:
    assert snippet(TEXT, Span("f", 2, 10, 2, 14)) == (
        "1 | a: 1\n"
        "2 | layers: [conv, act]\n"
        "  |          ^^^^\n"
        "3 | b: 2"
    )  # fmt: skip
    assert snippet(TEXT, Span("f", 2, 10, 2, 14), context=0) == "2 | layers: [conv, act]\n  |          ^^^^"


def test_the_numbers_line_up() -> None:
    text = "\n".join(f"k{i}: {i}" for i in range(1, 12))
    assert snippet(text, Span("f", 9, 1, 9, 3)) == " 8 | k8: 8\n 9 | k9: 9\n   | ^^\n10 | k10: 10"


def test_a_span_of_several_lines_is_underlined_to_the_first_lines_end() -> None:
    assert snippet(TEXT, Span("f", 2, 9, 3, 4), context=0).endswith("\n  |         ^^^^^^^^^^^")


def test_an_empty_span_has_one_caret() -> None:
    assert snippet("a:\n", Span("f", 1, 3, 1, 3), context=0) == "1 | a:\n  |   ^"
    assert snippet("", Span("f", 1, 1, 1, 1)) == "1 |\n  | ^"


def test_a_span_outside_the_text() -> None:
    assert snippet(TEXT, Span("f", 99, 1, 99, 2)) == ""
    assert snippet(TEXT, Span("f", 1, 50, 1, 60), context=0) == "1 | a: 1\n  |     ^"


def test_tabs_wide_characters_and_combining_marks() -> None:
    assert snippet("\tk: x", Span("f", 1, 2, 1, 3), 0) == "1 |     k: x\n  |     ^"
    assert snippet("名前: x", Span("f", 1, 5, 1, 6), 0) == "1 | 名前: x\n  |       ^"
    assert snippet("名前: x", Span("f", 1, 1, 1, 3), 0) == "1 | 名前: x\n  | ^^^^"
    assert snippet("e\u0301: x", Span("f", 1, 5, 1, 6), 0) == "1 | e\u0301: x\n  |    ^"


def test_control_and_invisible_characters_are_escaped() -> None:
    shown = snippet("a\x1b[31m\u202eb\u2028: x", Span("f", 1, 10, 1, 11), 0)
    assert shown == "1 | a\\x1b[31m\\u202eb\\u2028: x\n  | " + " " * 22 + "^"


def test_a_long_line_is_cut_around_the_span() -> None:
    text = "x" * 5000 + "HERE" + "y" * 5000
    source, carets = snippet(text, Span("f", 1, 5001, 1, 5005), 0).split("\n")
    assert len(source) < 120
    assert source[carets.index("^") : carets.rindex("^") + 1] == "HERE"
    assert source.startswith("1 | ...x")
    assert source.endswith("y...")


@given(st.text(max_size=300), st.integers(0, 12), st.integers(0, 300), st.integers(0, 12), st.integers(0, 300))
def test_any_text_and_span(text: str, line: int, column: int, end_line: int, end_column: int) -> None:
    shown = snippet(text, Span("f", line, column, end_line, end_column))
    assert all(c == "\n" or unicodedata.category(c)[0] != "C" for c in shown)
    assert shown == "" or shown.count("\n") <= 3
