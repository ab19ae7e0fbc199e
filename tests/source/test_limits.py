"""Hostile text: every limit has a positioned error, and nothing takes long."""

from __future__ import annotations

import time

import pytest

from archspec.source import Sequence, compose, plain

MEBIBYTE = 2**20
LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 90))
STAIRS = "".join(" " * i + "a:\n" for i in range(1000))


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("[" * 50_000, "LIM002", 1, 65),
        ("[" * 65 + "]" * 65, "LIM002", 1, 65),
        ("{a: " * 50_000, "LIM002", 1, 257),
        ("- " * 50_000, "LIM002", 1, 129),
        ("? " * 50_000, "LIM002", 1, 129),
        (STAIRS, "LIM002", 65, 65),
        (CHAIN, "LIM002", 64, 12),
        (LAUGHS, "LIM003", 15, 18),
        ("- 1\n" * 100_000, "LIM003", 100_000, 3),
        ("a: &a [b, *a]\n", "LIM004", 1, 11),
        ("a: &a {b: {c: *a}}\n", "LIM004", 1, 15),
        ("a: &a\n  <<: *a\n", "LIM004", 2, 7),
        ("a: 12345678901234567890\n", "LIM008", 1, 4),
        ("#" * (MEBIBYTE + 1), "LIM001", 1, 1),
        ("é" * (MEBIBYTE // 2 + 1), "LIM001", 1, 1),
    ],
)
@pytest.mark.parametrize("pure", [False, True])
def test_limits(text: str, code: str, line: int, column: int, pure: bool) -> None:
    _, (diagnostic,) = compose(text, "f", pure=pure)
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == (code, line, column)
    assert diagnostic.is_error


def test_a_recursive_alias_points_to_its_anchor() -> None:
    _, (diagnostic,) = compose("a:\n  b: &b [*b]\n", "f")
    span = diagnostic.causes[0].span
    assert span is not None
    assert (span.line, span.column, span.end_column) == (2, 6, 8)


def test_up_to_the_limits_all_is_well() -> None:
    deep, none = compose("[" * 64 + "]" * 64, "f")
    assert deep is not None
    assert none == ()
    long, none = compose("- 1\n" * 99_999, "f")
    assert isinstance(long, Sequence)
    assert (len(long.items), none) == (99_999, ())
    number, none = compose("9" * 19, "f")
    assert number is not None
    assert (plain(number), none) == (10**19 - 1, ())


def test_an_alias_counts_as_all_that_it_stands_for() -> None:
    # 1 + (1 + 999) + 99 * 1000 + 1 nodes: one alias more passes the limit.
    most = "- &a [" + "x, " * 998 + "x]\n" + "- *a\n" * 98
    tree, found = compose(most, "f")
    assert tree is not None
    assert found == ()
    _, (diagnostic,) = compose(most + "- *a\n- *a\n", "f")
    assert (diagnostic.code, diagnostic.span.line) == ("LIM003", 100)


@pytest.mark.parametrize(
    "text",
    [
        "[" + "f(," * (MEBIBYTE // 3 - 2) + "]",
        "{" + "".join(f"k{i}: f(," for i in range(40_000)) + "}",
        "[" + ",".join(["x[0]"] * 90_000) + "]",
        "".join(f"- &a{i} 1\n- *b{i}\n" for i in range(9000)),
        "a: &a {" + ",".join(f"k{i}: 1" for i in range(400)) + "}\n" + "- {<<: [" + "*a," * 9000 + "]}",
        "1" * (MEBIBYTE - 1),
        "'" * (MEBIBYTE - 1),
        '"' + "\\u2028" * 170_000,
        "a" * (MEBIBYTE - 9) + ": 1",
        "\n" * MEBIBYTE,
        "- !x a\n" * 40_000,
    ],
    ids=range(11),
)
def test_long_texts_take_seconds_at_most(text: str) -> None:
    start = time.process_time()
    _, found = compose(text, "f")
    assert time.process_time() - start < 10
    assert len(found) <= 200


PRIVATE_USE = "".join(map(chr, (*range(0xE000, 0xF900), *range(0xF0000, 0xFFFFE))))


@pytest.mark.parametrize("taken", [PRIVATE_USE, PRIVATE_USE + "".join(map(chr, range(0x100000, 0x10FFFE)))])
@pytest.mark.parametrize("pure", [False, True])
def test_a_text_that_uses_every_private_character(taken: str, pure: bool) -> None:
    text = f"a: '{taken}'\nb: 'x\x85y'\n"
    tree, found = compose(text, "f", pure=pure)
    assert found == ()
    assert tree is not None
    assert plain(tree) == {"a": taken, "b": "x\x85y"}
    # An expression that YAML cannot read is hidden by placeholders, too.
    tree, (diagnostic,) = compose(text + "c: {d: f(g[0], 1)}\n", "f", pure=pure)
    assert tree is not None
    assert plain(tree) == {"a": taken, "b": "x\x85y", "c": {"d": "f(g[0], 1)"}}
    assert (diagnostic.code, diagnostic.span.line) == ("SPC004", 3)
