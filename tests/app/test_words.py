"""Texts of users never become Markdown or HTML, and completion knows the language."""

from __future__ import annotations

import pytest

import archspec
from explorer.formatting import more, plain, short, size
from explorer.tables import _cells
from explorer.words import words


@pytest.mark.parametrize(
    "text", ["![x](http://a.b/c.png)", "<script>", "[a](b)", "**b**", "`c`", "$x$", ":smile:", "a_b"]
)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    escaped = plain(text)
    assert escaped.replace("\\", "") == text
    assert all(escaped[place - 1] == "\\" for place, c in enumerate(escaped) if c in "!<>[]()*`$:_")


def test_a_cell_is_escaped() -> None:
    assert "<b>" not in _cells(("<b>x</b>", "<script>"))


def test_numbers() -> None:
    assert (short(25_557_032), short(999), short(None)) == ("25.6 M", "999", "–")
    assert (size(3 * 2**30), size(100), size(None)) == ("3.00 GiB", "100 B", "–")
    assert (more(1, "1"), more(-1, "-1"), more(0, "0")) == ("+1", "−1", "–")


def test_completion_has_what_the_schema_has() -> None:
    found = words()
    schema = archspec.json_schema()
    assert set(found["keys"]) == set(schema["properties"])
    assert found["arguments"]["conv"]["kernel"]
    assert "true" in found["arguments"]["conv"]["bias"]["values"]
    assert set(found["arguments"]) < set(found["layers"])
