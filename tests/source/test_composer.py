"""Trees from YAML: values, spans, aliases, merge keys, tags, and text that is not YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archspec.diagnostics import Diagnostic, Severity, Span
from archspec.source import Mapping, Scalar, Sequence, Tree, compose, plain
from archspec.source.scalars import resolve


def tree_of(text: str, pure: bool = False) -> Tree:
    tree, found = compose(text, "spec.yaml", pure=pure)
    assert tree is not None, found
    assert not [d for d in found if d.is_error]
    return tree


def only(text: str) -> Diagnostic:
    _, found = compose(text, "spec.yaml")
    (diagnostic,) = found
    return diagnostic


def place(span: Span | None) -> tuple[int, int, int, int]:
    assert span is not None
    return (span.line, span.column, span.end_line, span.end_column)


def nodes(tree: Tree) -> Iterator[Tree]:
    yield tree
    for child in tree.items if isinstance(tree, Sequence) else ():
        yield from nodes(child)
    for key, value in tree.entries if isinstance(tree, Mapping) else ():
        yield key
        yield from nodes(value)


def slice_of(text: str, span: Span) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


# Round trips

CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TEXT = st.text(CHARACTERS | st.sampled_from("\x85\u2028\ufeff[]{}:,#&*'\"\\ -"), max_size=12)
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(DATA, st.sampled_from([None, 1]), st.booleans())
def test_json_comes_back(data: Any, indent: int | None, pure: bool) -> None:
    # With ensure_ascii, characters past U+FFFF would be surrogate pairs, which YAML does not join.
    assert plain(tree_of(json.dumps(data, ensure_ascii=False, indent=indent), pure)) == data


@given(DATA, st.booleans(), st.booleans())
def test_yaml_comes_back(data: Any, flow: bool, pure: bool) -> None:
    # PyYAML writes YAML 1.1, where `1e3` is text without quotes and U+0085, unless escaped, a line break.
    assume(all(isinstance(resolve(text), str) or yaml.safe_load(text) != text for text in texts(data)))
    text = yaml.safe_dump(data, default_flow_style=flow, sort_keys=False)
    assert plain(tree_of(text, pure)) == data


def texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    for child in data if isinstance(data, list) else ():
        yield from texts(child)
    for key, value in data.items() if isinstance(data, dict) else ():
        yield key
        yield from texts(value)


# Random text

TOKENS = ["a", "b", "w[0]", "1", "012", '"x"', "'y'", "[", "]", "{", "}", ",", ": ", ":", "- ", "\n", "\n  ", " "]
TOKENS += ["&x ", "*x", "!!str ", "!t ", "<<: ", "| ", ">\n", "#", "max(", ")", "é", "🜁", "\u2028", "\x85", "\ufeff"]
TOKENS += ["\r\n", "\r", "---\n", "...\n", "@", '"', "'", "\\", "${i}", "a: 1\n", "- a\n", "'a\n b'", '"\\ud83d"']
TOKEN_TEXT = st.lists(st.sampled_from(TOKENS), max_size=16).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | TOKEN_TEXT | st.lists(st.sampled_from([*TOKENS, "\t", "? ", "\0"])).map("".join))
def test_any_text_gives_a_tree_or_says_why(text: str) -> None:
    for pure in (False, True):
        tree, found = compose(text, "f", pure=pure)
        assert tree is not None or any(d.is_error for d in found)
        for diagnostic in found:
            assert "\n" not in diagnostic.message
            assert min(diagnostic.span.line, diagnostic.span.column) >= 1


@settings(max_examples=400, deadline=None)
@given(TOKEN_TEXT)
def test_both_parsers_agree(text: str) -> None:
    fast, fast_found = compose(text, "f")
    pure, pure_found = compose(text, "f", pure=True)
    assert fast == pure
    if fast is not None:
        assert fast_found == pure_found
        assert [n.key for n in nodes(fast)] == [n.key for n in nodes(pure)]  # type: ignore[arg-type]
        assert [n.alias for n in nodes(fast)] == [n.alias for n in nodes(pure)]  # type: ignore[arg-type]


@settings(max_examples=400, deadline=None)
@given(TOKEN_TEXT)
def test_a_span_holds_the_text_of_its_scalar(text: str) -> None:
    tree, found = compose(text, "f")
    if tree is None or found:
        return
    for node in nodes(tree):
        written = slice_of(text.removeprefix("\ufeff"), node.span)
        if isinstance(node, Scalar) and not node.quoted and node.span.line == node.span.end_line:
            assert written == node.text
        elif isinstance(node, Scalar) and written[:1] in ("'", '"') and "\n" not in written:
            assert plain(tree_of(written)) == node.value


# Spans

SPANS = """\
stem:  # the first
  - conv: {channels: 64,
           kernel: 7}   # big
  - act

# next
"head" : &h
  é: 🜁 y
  text: |
    one
    two

  none:
"""


@pytest.mark.parametrize("pure", [False, True])
def test_spans(pure: bool) -> None:
    tree = tree_of(SPANS + "again: *h\n", pure)
    assert isinstance(tree, Mapping)
    assert place(tree.span) == (1, 1, 14, 10)
    stem, head = tree.get("stem"), tree.get("head")
    assert isinstance(stem, Sequence)
    assert isinstance(head, Mapping)
    assert stem.key is not None
    assert place(stem.key.span) == (1, 1, 1, 5)
    assert place(stem.span) == (2, 3, 4, 8)
    assert place(stem.items[0].span) == (2, 5, 3, 22)
    assert place(head.span) == (8, 3, 13, 8)
    assert head.key is not None
    assert (head.key.text, head.key.quoted, place(head.key.span)) == ("head", True, (7, 1, 7, 7))
    (first, first_value), (_, block), (_, nothing) = head.entries
    assert (place(first.span), place(first_value.span)) == ((8, 3, 8, 4), (8, 6, 8, 9))
    assert (plain(block), place(block.span)) == ("one\ntwo\n", (9, 9, 11, 8))
    assert (plain(nothing), place(nothing.span)) == (None, (13, 8, 13, 8))
    again = tree.get("again")
    assert isinstance(again, Mapping)
    assert (again.span, again.entries, again.key and again.key.text) == (head.span, head.entries, "again")
    assert place(again.alias) == (14, 8, 14, 10)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_what_editors_count(newline: str) -> None:
    tree = tree_of(f"\ufeffa: 'x\u2028y\x85z'{newline}b: 1{newline}")
    assert isinstance(tree, Mapping)
    assert plain(tree) == {"a": "x\u2028y\x85z", "b": 1}
    assert place(tree.entries[0][0].span) == (1, 1, 1, 2)
    assert place(tree.entries[1][0].span) == (2, 1, 2, 2)


def test_scalars_keep_their_text() -> None:
    tree = tree_of("[0x1F, 'on', on, \"7\", 012, 1.50]")
    assert isinstance(tree, Sequence)
    assert [(s.value, s.text, s.quoted) for s in tree.items if isinstance(s, Scalar)] == [
        (31, "0x1F", False),
        ("on", "on", True),
        ("on", "on", False),
        ("7", "7", True),
        (12, "012", False),
        (1.5, "1.50", False),
    ]


# Aliases and merge keys


def test_merge_keys() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {w: 0, <<: [*a, *b], x: 9}\nd:\n  <<: *b\n  '<<': 5\n"
    assert plain(tree_of(text)) == {
        "a": {"x": 1, "y": 2},
        "b": {"y": 3, "z": 4},
        "c": {"w": 0, "y": 2, "z": 4, "x": 9},
        "d": {"y": 3, "z": 4, "<<": 5},
    }


def test_a_merged_value_shows_where_it_was_merged() -> None:
    tree = tree_of("a: &a {x: 1}\nb: {<<: *a, v: 2}\nc: &l [*a]\nd: {<<: *l}\n")
    assert isinstance(tree, Mapping)
    b, d = tree.get("b"), tree.get("d")
    assert isinstance(b, Mapping)
    assert isinstance(d, Mapping)
    inherited, own = b.get("x"), b.get("v")
    assert inherited is not None
    assert own is not None
    assert (place(inherited.span), place(inherited.alias), own.alias) == ((1, 11, 1, 12), (2, 9, 2, 11), None)
    assert inherited.key is not None
    assert place(inherited.key.span) == (1, 8, 1, 9)
    through_list = d.get("x")
    assert through_list is not None
    assert through_list.alias is not None


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)), min_size=1, max_size=3), st.data())
def test_merging_is_what_pyyaml_does(sources: list[dict[str, int]], data: st.DataObject) -> None:
    own = data.draw(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)))
    lines = [f"m{i}: &m{i} {json.dumps(source)}" for i, source in enumerate(sources)]
    names = ", ".join(f"*m{i}" for i in range(len(sources)))
    text = "\n".join([*lines, "all:", f"  <<: [{names}]", *(f"  {k}: {v}" for k, v in own.items())])
    assert plain(tree_of(text)) == yaml.safe_load(text)


def test_an_anchor_may_be_set_again() -> None:
    assert plain(tree_of("[&a 1, *a, &a 2, *a]")) == [1, 1, 2, 2]


def test_an_unused_anchor_is_remarked_on() -> None:
    diagnostic = only("a: &unused   {b: 1}\n")
    assert (diagnostic.code, diagnostic.severity) == ("SPC006", Severity.INFO)
    assert place(diagnostic.span) == (1, 4, 1, 11)
    assert diagnostic.fix is not None
    assert place(diagnostic.fix.edits[0].span) == (1, 4, 1, 14)


# What is refused


@pytest.mark.parametrize(
    ("text", "code", "where", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "SPC003", (3, 1, 3, 2), "twice"),
        ("1: x\n'1': y\n", "SPC003", (2, 1, 2, 4), "twice"),
        ("<<: {a: 1}\n<<: {b: 1}\n", "SPC003", (2, 1, 2, 3), "twice"),
        ("<<: 3\n", "SPC002", (1, 5, 1, 6), "mapping"),
        ("? [a]\n: b\n", "SPC002", (1, 3, 1, 6), "a list"),
        ("{{a: 1}: 2}", "SPC002", (1, 2, 1, 8), "a mapping"),
        ("a: !python/object:os.system x\n", "SPC002", (1, 4, 1, 28), "not allowed"),
        ("a: !!timestamp 2001-01-01\n", "SPC002", (1, 4, 1, 15), "not allowed"),
        ("a: !!set {x}\n", "SPC002", (1, 4, 1, 9), "not allowed"),
        ("a: !!int abc\n", "SPC002", (1, 10, 1, 13), "does not fit"),
        ("a: !!map [b]\n", "SPC002", (1, 4, 1, 9), "does not fit"),
        ("%TAG !! tag:example.com,2000:\n---\na: !!str b\n", "SPC002", (3, 4, 3, 9), "not allowed"),
        ("a: 1\n---\nb: 2\n", "SPC002", (2, 1, 2, 4), "second document"),
        ("", "SPC009", (1, 1, 1, 1), "empty"),
        ("# only a comment\n---\n", "SPC009", (1, 1, 1, 1), "empty"),
        ("a: b: c\n", "SPC011", (1, 5, 1, 6), "':'"),
        ("a: [1, 2\n", "SPC011", (1, 4, 1, 5), "never closed"),
        ("a: 'x\n", "SPC011", (1, 4, 1, 5), "never closed"),
        ("a:\n\t- b\n", "SPC011", (2, 1, 2, 2), "tab"),
        ("a: @x\n", "SPC011", (1, 4, 1, 5), "start"),
        ('a: "\\q"\n', "SPC011", (1, 5, 1, 6), "escape"),
        ('a: "\\ud83d\\ude00"\n', "SPC011", (1, 5, 1, 6), "escape"),
        ("a:\n  - b\n - c\n", "SPC011", (3, 2, 3, 3), "line up"),
        ("a: *b\n", "SPC011", (1, 4, 1, 6), "no anchor b"),
        ("a: x\0y\n", "SPC011", (1, 5, 1, 6), "U+0000"),
        ("a: 1\nb: \x1b[31m\n", "SPC011", (2, 4, 2, 5), "U+001B"),
        ("a: \ud800\n", "SPC011", (1, 4, 1, 5), "U+D800"),
    ],
)
@pytest.mark.parametrize("pure", [False, True])
def test_refused(text: str, code: str, where: tuple[int, int, int, int], words: str, pure: bool) -> None:
    _, (diagnostic,) = compose(text, "spec.yaml", pure=pure)
    assert (diagnostic.code, diagnostic.severity) == (code, Severity.ERROR)
    assert place(diagnostic.span) == where
    assert words in diagnostic.message


def test_of_two_equal_keys_the_first_stays_and_is_pointed_to() -> None:
    tree, (diagnostic,) = compose("a: 1\nb: 2\na: 3\n", "f")
    assert tree is not None
    assert plain(tree) == {"a": 1, "b": 2}
    assert place(diagnostic.causes[0].span) == (1, 1, 1, 2)


def test_core_tags() -> None:
    assert plain(tree_of("[!!str 1, !!float 3, !!int '7', !!null ~, !!bool true, !!seq [], !!map {}]")) == [
        "1",
        3.0,
        7,
        None,
        True,
        [],
        {},
    ]


def test_all_findings_in_one_reading() -> None:
    _, found = compose("a: !x 1\nb: w\na: 2\nc: *z\nd: {e: f[0]}\n", "f")
    assert [(d.code, d.span.line) for d in found] == [("SPC002", 1), ("SPC003", 3), ("SPC011", 4), ("SPC004", 5)]
