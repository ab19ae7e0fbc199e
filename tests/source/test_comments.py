"""The comments of a text, found by composing it or from a tree that is there already."""

from __future__ import annotations

import pytest

from archspec.language.files import gallery
from archspec.source import compose
from archspec.source.comments import comments_of_tree
from archspec.source.composer import read_comments

GALLERY = [path.read_text(encoding="utf-8") for path in sorted(gallery().glob("*.yaml"))]

TRICKY = """\
# top
name: "a # no comment"  # yes
'key # too': 'x#y'  # c
body: |
  # in a literal
  text
folded: >
  more # text
list: [a, "b # c"]  # d
plain: a#b
multi: "one
  # still quoted
  two"  # end
"""


@pytest.mark.parametrize("text", [TRICKY, "\ufeff" + TRICKY, TRICKY.replace("\n", "\r\n"), *GALLERY])
def test_comments_are_the_same_from_a_tree_as_from_composing(text: str) -> None:
    tree, found = compose(text, "x.yaml")
    assert tree is not None
    assert not found
    assert comments_of_tree(tree, text, "x.yaml") == read_comments(text, "x.yaml")
