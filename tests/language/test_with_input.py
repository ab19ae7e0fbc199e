"""A spec with another input: the same Graph as when the text declares it."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.parametrize(
    ("text", "shape", "code"),
    [
        (TWO, (3, 48, 48), "SPC002"),
        (TWO, {"picture": (3, 48, 48)}, "SPC001"),
        (NET, {"picture": (3, 48, 48)}, "SPC001"),
        (NET, {"input": (3, 48, 48), "words": (9,)}, "SPC001"),
    ],
)
def test_a_shape_of_no_input_is_reported_wherever_the_spec_goes(text: str, shape: Any, code: str) -> None:
    spec = archspec.with_input(archspec.loads(text), shape)
    found = []
    for function in (archspec.lower, archspec.to_yaml):
        with pytest.raises(archspec.SpecError) as caught:
            function(spec)
        found.append([(d.code, d.message, d.hint, d.span) for d in caught.value.diagnostics])
    assert found[0] == found[1]
    assert [code for code, *_ in found[0]] == [code]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (TWO, {"words": (9,)}),
        (TWO, {}),
        (NET, {}),
        (NET, {"input": (3, 96, 80)}),
        (NET.replace("input: [3, 64, 64]", "inputs: {picture: [3, 64, 64]}"), (3, 96, 80)),
        (NET.replace("input: [3, 64, 64]", "inputs: {picture: {shape: [3, 64, 64], kind: map}}"), (3, 96, 80)),
        (NET.replace("input: [3, 64, 64]", "inputs: {}"), (3, 96, 80)),
    ],
)
def test_it_is_written_as_yaml(text: str, shape: Any) -> None:
    spec = archspec.with_input(archspec.loads(text), shape)
    written = archspec.loads(archspec.to_yaml(spec))
    assert archspec.lower(written).inputs == archspec.lower(spec).inputs


@pytest.mark.parametrize(
    ("head", "shape", "message", "hint"),
    [
        ("input: [3, 64, 64]", [3, 64], "here are 2 sizes, and the spec's input has 3: [3, 64, 64]", "of its own"),
        ("input: [3, 64, 64]", [8, 3, 64, 64], "here are 4 sizes, and the spec's input has 3", "leave the batch out"),
        ("inputs: {a: [3, 8, 8]}", {"a": [3, 8]}, "here are 2 sizes, and the spec's a has 3: [3, 8, 8]", "of its own"),
        ("params: {n: 8}\ninput: [3, n, n]", [3, 8], "the spec's input has 3: [3, n, n]", "of its own"),
    ],
)
def test_another_number_of_sizes_is_an_error(head: str, shape: Any, message: str, hint: str) -> None:
    spec = archspec.with_input(archspec.loads(f"{head}\nstages: [conv: 8]\n"), shape)
    with pytest.raises(archspec.SpecError) as raised:
        archspec.lower(spec)
    (found,) = raised.value.diagnostics
    assert message in found.message
    assert hint in found.hint


def test_a_shape_that_is_an_expression_may_have_any_number_of_sizes() -> None:
    spec = archspec.loads("params: {shape: [3, 8, 8]}\ninput: shape\nstages: [conv: 8]\n")
    assert archspec.lower(archspec.with_input(spec, [3, 8])).inputs[0][1].shape == (3, 8)
