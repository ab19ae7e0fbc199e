"""A text read in pieces has the tree and the findings that it has when it is read as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics import Diagnostic
from archspec.language.files import gallery
from archspec.language.symbols import library_file, library_names
from archspec.source import Scalar, Sequence, Tree, compose
from archspec.source.incremental import IncrementalComposer

FILES = [*sorted(gallery().glob("*.yaml")), *(library_file(name) for name in library_names())]


def written(tree: Tree | None) -> Any:
    """A tree with what comparing two of them leaves out: the keys of values, the places of aliases."""
    if tree is None:
        return None
    rest = (tree.span, tree.key, tree.alias)
    if isinstance(tree, Scalar):
        return tree.value, tree.text, tree.quoted, rest
    if isinstance(tree, Sequence):
        return [written(item) for item in tree.items], rest
    return [(written(key), written(value)) for key, value in tree.entries], rest


def assert_same(pieces: IncrementalComposer, text: str) -> None:
    tree, found = pieces.read(text, "f")
    whole, all_found = compose(text, "f")
    assert written(tree) == written(whole)
    assert found == all_found


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_spec_and_block_also_when_lines_move(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    pieces = IncrementalComposer()
    for changed in (text, text, "# a line\n\n" + text, text.replace("\n", "\r\n"), text + "\nlast: 1", text):
        assert_same(pieces, changed)


def test_what_has_not_changed_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (gallery() / "resnet.yaml").read_text(encoding="utf-8")
    pieces = IncrementalComposer()
    pieces.read(text, "f")
    read: list[str] = []

    def recorded(text: str, file: str) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
        read.append(text)
        return compose(text, file)

    monkeypatch.setattr("archspec.source.incremental.compose", recorded)
    pieces.read("# above\n" + text.replace("kernel: 7", "kernel: 5"), "f")
    assert [piece.split("\n")[0] for piece in read] == ["stem:"]


LINES = st.sampled_from(
    ["a: 1", "b: [1, 2]", "c:", "  - x: {y: z}", "  - w", "a: 2", "# note", "", "d: &x 3", "e: *x", "f: {", "}", "g: |",
     "  text", "h: 'x", "y'", "---", "...", "- 1", "i: ! x", "j: on", "k: max(1, 2)", "l: {m: max(8, w)}", "<<: 1",
     "? n", "o: 012", "\tp: 1", "q : 1", '"r": 1', "a.b: 1", "s: 2 * 3", "# \x07", "\x00"]
)  # fmt: skip


@pytest.mark.parametrize("place", ["above", "between", "behind", "inside"])
def test_a_forbidden_character_in_a_comment_is_reported(place: str) -> None:
    lines = {"above": "", "a": "a: 1", "between": "", "b": "b: 2", "behind": ""}
    lines |= {"a": "a: 1  # \x07"} if place == "inside" else {place: "# \x07"}
    pieces = IncrementalComposer()
    pieces.read("a: 1\nb: 2\n", "f")
    assert [d.code for d in pieces.read("\n".join(lines.values()), "f")[1]] == ["SPC011"]


@given(first=st.lists(LINES, max_size=9), second=st.lists(LINES, max_size=9))
def test_any_text_after_any_other(first: list[str], second: list[str]) -> None:
    pieces = IncrementalComposer()
    for lines in (first, second, [*second, *first], first):
        assert_same(pieces, "\n".join(lines))
