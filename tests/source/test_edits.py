"""Edits by span: the edited text means what was meant, and every other line and comment is as it was."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archspec.diagnostics import Edit
from archspec.source import Mapping, Scalar, Sequence, Tree, compose, plain
from archspec.source.edits import insert_item, quote, remove_entry, remove_item, rename, replace_value, set_entry
from archspec.source.emit_scalar import emit_json, emit_value
from archspec.source.fixing import apply_edits
from archspec.source.layout import Layout, TreePath

WORDS = st.sampled_from(["conv", "relu", "channels", "kernel", "width * 2", "a", "b", "stride", "name"])
SCALARS = st.one_of(WORDS, st.integers(-9, 999), st.booleans(), st.sampled_from([0.5, "on", "12", "a, b", "x: y", ""]))


@dataclass
class Writer:
    """Writes data as YAML in a random mix of styles, with a comment on about every other line."""

    draw: Any
    newline: str = "\n"
    comments: int = 0

    def comment(self) -> str:
        self.comments += 1
        return str(self.draw(st.sampled_from(["", "", f"  # remark {self.comments}, see [1] {{2}}: 'x'"])))

    def own_line(self, indent: int) -> str:
        self.comments += 1
        return str(self.draw(st.sampled_from(["", "", "", f"{' ' * indent}# line {self.comments}\n", "\n"])))

    def flow(self, data: Any, indent: int) -> str:
        if not isinstance(data, (dict, list)):
            return emit_value(data)
        pieces = [
            f"{key}: {self.flow(value, indent + 2)}" if isinstance(data, dict) else self.flow(value, indent + 2)
            for key, value in (data.items() if isinstance(data, dict) else enumerate(data))
        ]
        opening, closing = "{}" if isinstance(data, dict) else "[]"
        if not pieces or self.draw(st.booleans()):
            comma = self.draw(st.sampled_from(["", "", ","])) if pieces else ""
            return opening + ", ".join(pieces) + comma + closing
        lines = [f"{opening}{self.comment()}\n"]
        for place, piece in enumerate(pieces):
            last = place == len(pieces) - 1
            comma = self.draw(st.sampled_from(["", ","])) if last else ","
            lines.append(f"{self.own_line(indent)}{' ' * indent}{piece}{comma}{self.comment()}\n")
        return "".join(lines) + " " * indent + closing

    def block(self, data: Any, indent: int) -> str:
        """A list or mapping over several lines, the first of them without its indent."""
        lines: list[str] = []
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            head = f"{key}:" if isinstance(data, dict) else "-"
            lines.append((self.own_line(indent) if lines else "") + " " * indent * bool(lines) + head)
            if isinstance(value, (dict, list)) and value and self.draw(st.booleans()):
                if isinstance(data, list):
                    lines[-1] += " " + self.block(value, indent + 2)
                else:
                    lines[-1] += self.comment() + "\n" + " " * (indent + 2) + self.block(value, indent + 2)
            else:
                lines[-1] += " " + self.flow(value, indent + 4) + self.comment() + "\n"
        return "".join(lines)


def _data(depth: int) -> st.SearchStrategy[Any]:
    if depth == 0:
        return SCALARS
    inner = _data(depth - 1)
    maps = st.dictionaries(st.sampled_from("pqrstu"), inner, max_size=4)
    return st.one_of(SCALARS, st.lists(inner, max_size=4), maps)


@dataclass
class Case:
    text: str
    layout: Layout
    paths: list[TreePath]


@st.composite
def cases(draw: Any) -> Case:
    data = draw(st.dictionaries(st.sampled_from("ABCDE"), _data(3), min_size=1, max_size=4))
    writer = Writer(draw)
    text = writer.own_line(0) + writer.block(data, 0) + writer.own_line(0)
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    text = text if draw(st.booleans()) else text.rstrip("\r\n")
    tree, found = compose(text, "t.yaml")
    assert tree is not None
    assert not found, (text, found)
    assert plain(tree) == data
    return Case(text, Layout(text, tree), list(_paths((tree,))))


def _paths(path: TreePath) -> Any:
    yield path
    tree = path[-1]
    inside: tuple[Tree, ...] = ()
    if isinstance(tree, Sequence):
        inside = tree.items
    elif isinstance(tree, Mapping):
        inside = tuple(value for _, value in tree.entries)
    for item in inside:
        yield from _paths((*path, item))


def _with(tree: Tree, target: Tree, change: Callable[[Tree], Any]) -> Any:
    """The plain data of a tree, one node of it changed."""
    if tree is target:
        return change(tree)
    if isinstance(tree, Scalar):
        return tree.value
    if isinstance(tree, Sequence):
        return [_with(item, target, change) for item in tree.items]
    return {key.text: _with(value, target, change) for key, value in tree.entries}


def _check(case: Case, edits: tuple[Edit, ...], meant: Any, kept_comments: bool) -> None:
    """The edits give what is meant; lines outside them are the same; line breaks are the text's own."""
    edited = apply_edits(case.text, edits)
    tree, found = compose(edited, "t.yaml")
    assert tree is not None, (case.text, edited, found)
    assert [d for d in found if d.is_error] == [], (case.text, edited)
    assert plain(tree) == meant, (case.text, edited)
    before, after = case.text.splitlines(), edited.splitlines()
    first, last = edits[0].span.line, edits[-1].span.end_line
    assert after[: first - 1] == before[: first - 1]
    rest = len(before) - last
    assert rest <= 0 or after[-rest:] == before[-rest:]
    if kept_comments:
        assert [line.partition("# ")[2] for line in after if "# " in line] == [
            line.partition("# ")[2] for line in before if "# " in line
        ]
    if "\r\n" in case.text:
        assert edited.count("\n") == edited.count("\r\n")


JSON_DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
VALUES = st.sampled_from([7, True, "width // 2", "plain", "a, b", "on", [1, 2], {"x": 1}])


@given(cases(), st.data())
@settings(max_examples=120, deadline=None)
def test_an_entry_is_set(case: Case, data: st.DataObject) -> None:
    mappings = [path[-1] for path in case.paths if isinstance(path[-1], Mapping)]
    target = data.draw(st.sampled_from(mappings))
    name, value = data.draw(st.sampled_from([*target.keys(), "new"])), data.draw(VALUES)
    edits = set_entry(case.layout, target, name, value)
    old = target.get(name)
    if not edits:
        assert not isinstance(old, Scalar)
        assert old is not None
        return
    meant = _with(case.layout.tree, target, lambda tree: {**plain(tree), name: value})
    _check(case, edits, meant, True)


@given(cases(), st.data())
@settings(max_examples=120, deadline=None)
def test_an_entry_is_removed(case: Case, data: st.DataObject) -> None:
    mappings = [path[-1] for path in case.paths if isinstance(path[-1], Mapping) and path[-1].entries]
    target = data.draw(st.sampled_from(mappings))
    name = data.draw(st.sampled_from(list(target.keys())))
    edits = remove_entry(case.layout, target, name)
    in_blocks = not any(map(case.layout.is_flow, next(p for p in case.paths if p[-1] is target)))
    if in_blocks and len(target.entries) == 1:
        return  # nothing is left where it was: not an empty mapping, in YAML
    assert edits
    meant = _with(case.layout.tree, target, lambda tree: {k: v for k, v in plain(tree).items() if k != name})
    _check(case, edits, meant, False)


def _items(case: Case) -> list[TreePath]:
    return [path for path in case.paths if len(path) > 1 and isinstance(path[-2], Sequence)]


@given(cases().filter(_items), st.data())
@settings(max_examples=120, deadline=None)
def test_an_item_is_removed(case: Case, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_items(case)))
    target = path[-2]
    assert isinstance(target, Sequence)
    edits = remove_item(case.layout, path)
    if not case.layout.is_flow(target) and len(target.items) == 1:
        assert not edits
        return
    if not edits:  # `- - first` with a comment before the second
        assert target.items[0] is path[-1]
        assert "#" in case.text
        return
    meant = _with(case.layout.tree, target, lambda _: [plain(item) for item in target.items if item is not path[-1]])
    _check(case, edits, meant, False)


@given(cases().filter(_items), st.data(), st.booleans())
@settings(max_examples=120, deadline=None)
def test_an_item_is_put_in(case: Case, data: st.DataObject, after: bool) -> None:
    path = data.draw(st.sampled_from(_items(case)))
    target = path[-2]
    assert isinstance(target, Sequence)
    place = next(place for place, item in enumerate(target.items) if item is path[-1]) + after
    items = [plain(item) for item in target.items]
    edits = insert_item(case.layout, path, "{conv: 3}", after)
    assert edits
    meant = _with(case.layout.tree, target, lambda _: [*items[:place], {"conv": 3}, *items[place:]])
    _check(case, edits, meant, True)


@given(cases(), st.data(), VALUES)
@settings(max_examples=150, deadline=None)
def test_a_scalar_is_replaced_quoted_and_renamed(case: Case, data: st.DataObject, value: Any) -> None:
    scalars = [path[-1] for path in case.paths if isinstance(path[-1], Scalar)]
    if not scalars:
        return
    target = data.draw(st.sampled_from(scalars))
    tree = case.layout.tree
    _check(case, replace_value(case.layout, target, emit_value(value)), _with(tree, target, lambda _: value), True)
    _check(case, rename(target, "word"), _with(tree, target, lambda _: "word"), True)
    edits = quote(case.layout, target)
    assert bool(edits) is not target.quoted
    if edits:
        _check(case, edits, _with(tree, target, lambda _: target.text), True)


@given(st.text(st.characters(codec="utf-8"), max_size=12))
@example("...")
@example("./other.yaml")
@example("\ufffe\uffff")
def test_written_texts_are_read_back(text: str) -> None:
    for shape in ("{}", "[{}]", "a: {}", "- {}", "{{a: {}}}"):
        tree, found = compose(shape.replace("{}", emit_value(text)).replace("{{", "{").replace("}}", "}"), "t.yaml")
        assert tree is not None, found
        leaf = tree
        while not isinstance(leaf, Scalar):
            leaf = leaf.items[0] if isinstance(leaf, Sequence) else leaf.entries[0][1]
        assert leaf.value == text


@given(JSON_DATA)
@example(["NaN", float("-inf"), '"', -1e-05, {"Infinity": float("inf")}, "\\", "\\ud83d\\ude00 \\\ufeff"])
def test_data_are_read_back(data: Any) -> None:
    tree, found = compose(emit_json(data), "t.yaml")
    assert tree is not None
    assert found == ()
    assert plain(tree) == data


def test_nan_a_tuple_and_no_data() -> None:
    tree, _ = compose(emit_json([float("nan"), (1, True)]), "t.yaml")
    assert tree is not None
    number, rest = plain(tree)
    assert (math.isnan(number), rest) == (True, [1, True])
    with pytest.raises(TypeError):
        emit_json([object()])


@given(
    st.one_of(
        WORDS,
        st.integers(-(10**18), 10**18),
        st.booleans(),
        st.none(),
        st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_written_values_mean_the_same_to_older_readers(value: Any) -> None:
    tree, _ = compose(f"[{emit_value(value)}]", "t.yaml")
    assert tree is not None
    assert plain(tree) == [value]
    if not isinstance(value, float):  # 1e-05 is a text to YAML 1.1
        assert yaml.safe_load(f"[{emit_value(value)}]") == json.loads(json.dumps([value]))


def _layout(text: str) -> Layout:
    tree, found = compose(text, "t.yaml")
    assert tree is not None, found
    return Layout(text, tree)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("base: &b {p: 1}\nx: {<<: *b, q: 2}\n", "base: &b {p: 1}\nx: {<<: *b, q: 2, new: 9}\n"),
        ("base: &b {p: 1}\nx: {q: 2, <<: *b}\n", "base: &b {p: 1}\nx: {new: 9, q: 2, <<: *b}\n"),
        ("base: &b {p: 1}\nx:\n  q: 2\n  <<: *b\n", "base: &b {p: 1}\nx:\n  q: 2\n  new: 9\n  <<: *b\n"),
        ("x:\n  <<:\n    p: 1\n  q: 2\n", "x:\n  <<:\n    p: 1\n  q: 2\n  new: 9\n"),
        ("x:\n  <<:\n    - p: 1\n  q: 2\n", "x:\n  <<:\n    - p: 1\n  q: 2\n  new: 9\n"),
        ("x:\n  q: 2\n  <<:\n    p: 1\n", "x:\n  q: 2\n  new: 9\n  <<:\n    p: 1\n"),
        ("x:\n  <<: {p: 1}\n  q: 2\n", "x:\n  <<: {p: 1}\n  q: 2\n  new: 9\n"),
        ("x:\n  q: 2\n  <<: {p: 1}\n", "x:\n  q: 2\n  new: 9\n  <<: {p: 1}\n"),
        ("x: {<<: {p: 1}, q: 2}\n", "x: {<<: {p: 1}, q: 2, new: 9}\n"),
        ("x: {q: 2, <<: {p: 1}}\n", "x: {new: 9, q: 2, <<: {p: 1}}\n"),
        ("x:\n  <<: &b {p: 1}\n  q: 2\ny: *b\n", "x:\n  <<: &b {p: 1}\n  q: 2\n  new: 9\ny: *b\n"),
    ],
)
def test_what_is_inherited_is_left_alone(text: str, changed: str) -> None:
    layout = _layout(text)
    assert isinstance(layout.tree, Mapping)
    target = layout.tree.get("x")
    assert isinstance(target, Mapping)
    assert apply_edits(text, set_entry(layout, target, "new", 9)) == changed
    assert plain(_layout(changed).tree)["x"] == {"p": 1, "q": 2, "new": 9}
    before, after = plain(layout.tree), plain(_layout(apply_edits(text, set_entry(layout, target, "p", 9))).tree)
    assert after == {**before, "x": {"p": 9, "q": 2}}
    assert remove_entry(layout, target, "p") == ()


def test_an_alias_is_replaced_at_its_use_and_an_anchor_never() -> None:
    text = "a: &w 64\nb: *w\nc: {k: *w}\n"
    layout = _layout(text)
    assert isinstance(layout.tree, Mapping)
    assert apply_edits(text, set_entry(layout, layout.tree, "b", 9)) == "a: &w 64\nb: 9\nc: {k: *w}\n"
    assert set_entry(layout, layout.tree, "a", 9) == ()
    assert remove_entry(layout, layout.tree, "a") == ()
