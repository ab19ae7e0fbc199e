"""Texts of users never become Markdown or HTML, and completion knows the language."""

from __future__ import annotations

import pytest

import archspec
from explorer.completion_words import completion_words
from explorer.formatting import bytes_text, count_text, delta_text, escape_markdown
from explorer.tables import _cells


@pytest.mark.parametrize(
    "text", ["![x](http://a.b/c.png)", "<script>", "[a](b)", "**b**", "`c`", "$x$", ":smile:", "a_b"]
)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    escaped = escape_markdown(text)
    assert escaped.replace("\\", "") == text
    assert all(escaped[place - 1] == "\\" for place, c in enumerate(escaped) if c in "!<>[]()*`$:_")


def test_a_cell_is_escaped() -> None:
    assert "<b>" not in _cells(("<b>x</b>", "<script>"))


def test_numbers() -> None:
    assert (count_text(25_557_032), count_text(999), count_text(None)) == ("25.6 M", "999", "–")
    assert (bytes_text(3 * 2**30), bytes_text(100), bytes_text(None)) == ("3.00 GiB", "100 B", "–")
    assert (delta_text(1, "1"), delta_text(-1, "-1"), delta_text(0, "0")) == ("+1", "−1", "–")


def test_completion_has_what_the_schema_has() -> None:
    found = completion_words()
    schema = archspec.json_schema()
    assert set(found["keys"]) == set(schema["properties"])
    assert found["arguments"]["conv"]["kernel"]
    assert "true" in found["arguments"]["conv"]["bias"]["values"]
    assert set(found["arguments"]) < set(found["layers"])
