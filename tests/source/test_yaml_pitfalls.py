"""Expressions that YAML takes apart, and the edit that fixes each."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archspec.source import compose, plain


def with_fixes(text: str) -> str:
    """The text with every fix applied, last one first."""
    _, found = compose(text, "f")
    lines = text.split("\n")
    for diagnostic in reversed(found):
        assert diagnostic.fix is not None
        for edit in diagnostic.fix.edits:
            span = edit.span
            assert span.line == span.end_line
            line = lines[span.line - 1]
            lines[span.line - 1] = line[: span.column - 1] + edit.replacement + line[span.end_column - 1 :]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "expression", "value"),
    [
        ("{channels: widths[0]}", "widths[0]", {"channels": "widths[0]"}),
        ("[enc1, s[1]]", "s[1]", ["enc1", "s[1]"]),
        ("{name: x${i}}", "x${i}", {"name": "x${i}"}),
        ("{name: x${i}.y, k: 3}", "x${i}.y", {"name": "x${i}.y", "k": 3}),
        ("{c: widths[-1] // 2, k: 3}", "widths[-1] // 2", {"c": "widths[-1] // 2", "k": 3}),
        ("- conv: {a: {b: x[1][2]}}", "x[1][2]", [{"conv": {"a": {"b": "x[1][2]"}}}]),
        ("{c: max(8, widths[0]), k: 3}", "max(8, widths[0])", {"c": "max(8, widths[0])", "k": 3}),
        ("{c: sum([1, 2])}", "sum([1, 2])", {"c": "sum([1, 2])"}),
        ("[max(8, [1, 2]), 3]", "max(8, [1, 2])", ["max(8, [1, 2])", 3]),
        ("a: [1, 2][i]", "[1, 2][i]", {"a": "[1, 2][i]"}),
        ("{channels: max(8, width)}", "max(8, width)", {"channels": "max(8, width)"}),
        ("{c: min(max(1, 2), 3), s: 2}", "min(max(1, 2), 3)", {"c": "min(max(1, 2), 3)", "s": 2}),
        ("{c: make_divisible(w, 8), s}", "make_divisible(w, 8)", {"c": "make_divisible(w, 8)", "s": None}),
        ("[max(8, w), 3]", "max(8, w)", ["max(8, w)", 3]),
        ("[1, 2 * max(8, w, x) + 1]", "2 * max(8, w, x) + 1", [1, "2 * max(8, w, x) + 1"]),
        ("{c: f('a', b)}", "f('a', b)", {"c": "f('a', b)"}),
        ('{c: f("a", b[0])}', 'f("a", b[0])', {"c": 'f("a", b[0])'}),
    ],
)
@pytest.mark.parametrize("pure", [False, True])
def test_traps(text: str, expression: str, value: Any, pure: bool) -> None:
    tree, (diagnostic,) = compose(text, "f", pure=pure)
    assert diagnostic.code == "SPC004"
    assert diagnostic.is_error
    assert text[diagnostic.span.column - 1 : diagnostic.span.end_column - 1] == expression
    assert expression in diagnostic.message
    assert "quotes" in diagnostic.hint
    assert diagnostic.fix is not None
    assert diagnostic.fix.applicability == "safe"
    assert tree is not None
    assert plain(tree) == value
    assert yaml.safe_load(with_fixes(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{channels: "max(8, width)"}',
        "channels: max(8, width)",
        "- name: x${i}",
        "{a: (b), c}",
        "[f(x), g(y)]",
        "{a: f(x, b: 1}",  # never closed: for whoever reads the expression to say
        "{a: '(', b: ')'}",
    ],
)
def test_no_traps(text: str) -> None:
    tree, found = compose(text, "f")
    assert tree is not None
    assert found == ()
    assert plain(tree) == yaml.safe_load(text)


def test_several_traps_are_reported_at_once() -> None:
    text = "stages:\n  - {c: w[0], k: max(1, 2)}\n  - {c: w[1], n: x${i}}\n"
    tree, found = compose(text, "f")
    assert [(d.code, d.span.line, d.span.column) for d in found] == [
        ("SPC004", 2, 9),
        ("SPC004", 2, 18),
        ("SPC004", 3, 9),
        ("SPC004", 3, 18),
    ]
    assert tree is not None
    assert plain(tree) == yaml.safe_load(with_fixes(text))


def test_a_trap_over_two_lines() -> None:
    tree, (diagnostic,) = compose("{c: max(8,\n    w), k: 1}", "f")
    assert tree is not None
    assert plain(tree) == {"c": "max(8, w)", "k": 1}
    assert (diagnostic.span.line, diagnostic.span.end_line, diagnostic.span.end_column) == (1, 2, 7)


NAMES = st.sampled_from(["w", "widths[0]", "8", "n // 2", "s[1:3]", "max(a, b)", "min(w[0], 8)", "[1, 2]"])
CALLS = st.builds("{}({})".format, st.sampled_from(["max", "sum"]), st.lists(NAMES, min_size=2).map(", ".join))


@given(st.lists(CALLS, min_size=1, max_size=3))
def test_any_call_is_found_whole(calls: list[str]) -> None:
    text = "{" + ", ".join(f"k{i}: {call}" for i, call in enumerate(calls)) + "}"
    tree, found = compose(text, "f")
    assert tree is not None
    assert plain(tree) == {f"k{i}": call for i, call in enumerate(calls)} == yaml.safe_load(with_fixes(text))
    assert [d.code for d in found] == ["SPC004"] * len(calls)
