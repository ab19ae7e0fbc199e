"""The names that expressions of a spec see: `in_channels`, `in_shape` and `in_kind` of the top-level item's input."""

from __future__ import annotations

import pytest

from archspec import Graph, SpecError, lint, loads, lower


def graph_of(layers: str) -> Graph:
    return lower(loads(f"input: [3, 32, 32]\n{layers}"))


def widths(layers: str) -> list[int]:
    return [step.outputs[0].channels for step in graph_of(layers).body.steps if step.kind == "conv"]


@pytest.mark.parametrize("section", ["stem", "stages", "head"])
def test_each_top_level_item_of_every_section_sees_its_own_input(section: str) -> None:
    layers = f"""{section}:
  - conv: {{channels: 8, stride: 2}}
  - relu
  - conv: {{channels: in_channels, groups: in_channels}}
  - conv: "in_shape[1] * in_shape[2]"
  - conv: {{channels: "in_channels if in_kind == 'map' else 1"}}
"""
    assert widths(layers) == [8, 8, 256, 256]


def test_a_layer_inside_structure_sees_the_input_of_the_top_level_item() -> None:
    layers = """head:
  - conv: 8
  - sequence: [conv: 16, relu, {conv: in_channels}]
"""
    assert widths(layers) == [8, 16, 8]


@pytest.mark.parametrize("source", ["a", "[a]", "{x: a}", '"${chosen}"'])
def test_the_input_of_an_item_is_what_its_from_names(source: str) -> None:
    layers = f"""params: {{chosen: a}}
stages:
  - conv: {{name: a, channels: 8}}
  - conv: 16
  - conv: {{from: {source}, channels: in_channels, groups: in_channels}}
"""
    assert widths(layers) == [8, 16, 8]


def test_the_input_of_a_repeated_item_is_that_of_its_first_turn() -> None:
    layers = """stages:
  - conv: {name: "c${index}", repeat: 2, channels: 8 + 8 * index}
  - relu
  - conv: {name: "d${i}", repeat: 2, as: i, from: "c${i}", channels: in_channels}
  - concat: [d0, d1]
"""
    assert widths(layers) == [8, 16, 8, 8]


def test_behind_a_failed_layer_the_input_is_unknown_and_no_error_of_its_own() -> None:
    with pytest.raises(SpecError) as caught:
        graph_of("stem: [conv: 8, covn: 8, {conv: {channels: in_channels, groups: in_channels}}]\n")
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("SPC005", 2)]


def test_a_source_that_does_not_exist_is_reported_once() -> None:
    with pytest.raises(SpecError) as caught:
        graph_of("stages: [conv: 8, {conv: {from: nope, channels: in_channels}}]\n")
    assert [(d.code, d.span.column) for d in caught.value.diagnostics] == [("SPC005", 33)]


@pytest.mark.parametrize(
    ("declared", "name"),
    [("params: {prefix: body}", "prefix"), ("let: {part: \"'b' + 'c'\"}", "part"), ("params: {}", "in_kind")],
)
def test_the_warning_of_a_text_that_is_a_name_calls_none_a_parameter(declared: str, name: str) -> None:
    found = lint(f"input: [3, 32, 32]\n{declared}\nstages:\n  - down: {{channels: 16, key: {name}}}\n")
    assert [d.message for d in found if d.code == "SPC012"] == [f"key is the text {name}, not the value of {name}"]
