"""A spec with another input: the same Graph as when the text declares it."""

from __future__ import annotations

import pytest

import archspec

NET = "input: [3, 64, 64]\nstages:\n  - conv: {channels: 4, kernel: 3, stride: 2, padding: 0}\n"
TWO = """
inputs:
  image: [3, 32, 32]
  words: {shape: [6], kind: ids, range: 11}
stages:
  - embedding: {features: 8, from: words, name: rows}
  - conv: {channels: 4, kernel: 3, from: image, name: map}
outputs: {rows: rows, map: map}
"""


def test_it_is_what_the_text_would_declare() -> None:
    found = archspec.lower(archspec.with_input(archspec.loads(NET), (3, 96, 80)))
    declared = archspec.lower(archspec.loads(NET.replace("[3, 64, 64]", "[3, 96, 80]")))
    assert found.inputs == declared.inputs
    assert found.output_types == declared.output_types
    assert archspec.summarize(found).total == archspec.summarize(declared).total


def test_inputs_by_name_keep_their_kinds() -> None:
    graph = archspec.lower(archspec.with_input(archspec.loads(TWO), {"image": (3, 48, 48), "words": [9]}))
    (image, words) = (x for _, x in graph.inputs)
    assert (image.shape, words.shape, words.kind, words.range) == ((3, 48, 48), (9,), "ids", 11)


def test_a_shape_that_does_not_work_is_reported() -> None:
    with pytest.raises(archspec.SpecError):
        archspec.lower(archspec.with_input(archspec.loads(NET), (3, 2, 2)))
