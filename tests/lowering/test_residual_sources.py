"""Residuals whose body starts from another value than their input, and parts of a residual that end in a tuple."""

from __future__ import annotations

import pytest
import torch

from archspec import SpecError, build, loads, lower
from archspec.ir.graph import Call

OUTER = """
input: [3, 32, 32]
stages:
  - conv: {{name: a, channels: 8}}
  - conv: {{name: b, channels: {channels}, stride: {stride}}}
  - residual: {{{shortcut}body: [conv: {{from: a, channels: 8, stride: 2}}]}}
"""


def outer(channels: int, stride: int, shortcut: str = "") -> str:
    return OUTER.format(channels=channels, stride=stride, shortcut=f"shortcut: {shortcut}, " if shortcut else "")


@pytest.mark.parametrize(
    ("channels", "stride", "dropped"),
    [(8, 2, ""), (16, 2, "channels 16 → 8"), (8, 1, "stride 2"), (16, 4, "channels 16 → 8, stride 1/2")],
)
def test_identity_if_same_compares_a_body_from_an_outer_value(channels: int, stride: int, dropped: str) -> None:
    graph = lower(loads(outer(channels, stride, "identity_if_same")))
    assert [decision.reason for decision in graph.body.decisions] == ([dropped] if dropped else [])
    assert [step.kind for step in graph.body.steps[3:]] == ([] if dropped else ["add"])


def test_identity_if_same_drops_a_shortcut_of_another_kind() -> None:
    text = "input: [3, 32, 32]\nstages: [residual: {shortcut: identity_if_same, body: [global_avg_pool]}]\n"
    (decision,) = lower(loads(text)).body.decisions
    assert decision.reason == "map of rank 3 → vector of rank 1"


@pytest.mark.parametrize(("channels", "stride", "code"), [(16, 2, "RES001"), (8, 1, "RES002")])
def test_an_identity_beside_a_body_from_an_outer_value(channels: int, stride: int, code: str) -> None:
    with pytest.raises(SpecError) as caught:
        lower(loads(outer(channels, stride, "identity")))
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [(code, 6)]


def test_a_projection_beside_a_body_from_an_outer_value() -> None:
    graph = lower(loads(outer(16, 1)))
    assert str(graph.output_types[0]) == "8×16×16"
    assert [decision.reason for decision in graph.body.decisions] == ["channels 16 → 8, stride 2"]
    # The shortcut is chosen by strides, so that the module runs at every size.
    module = build(loads(outer(16, 1)), seed=0)
    assert module(torch.zeros(1, 3, 64, 64)).shape == (1, 8, 32, 32)


def test_a_block_with_such_a_residual_is_the_same_at_every_use() -> None:
    """Specialisation of a body to other shapes must choose the shortcut anew."""
    text = """
input: [3, 32, 32]
blocks:
  refine:
    params: {channels: int}
    inputs: {x: map, fine: map}
    body: [residual: {shortcut: identity_if_same, body: [conv: {from: fine, channels: channels}]}]
stages:
  - conv: {name: a, channels: 8}
  - refine: {name: r1, channels: 8, from: {x: a, fine: input}}
  - conv: {name: b, channels: 16}
  - refine: {name: r2, channels: 8, from: {x: b, fine: r1}}
  - conv: {name: c, channels: 8}
  - refine: {name: r3, channels: 8, from: {x: c, fine: r2}}
"""
    bodies = [step.body for step in lower(loads(text)).body.steps if isinstance(step, Call)]
    assert [[step.kind for step in body.steps] for body in bodies] == [["conv", "add"], ["conv"], ["conv", "add"]]
    assert [[d.reason for d in body.decisions] for body in bodies] == [[], ["channels 16 → 8"], []]


TUPLES = {
    "gate": "residual: {merge: {gate: [{conv: 8}, sigmoid, {split: 2}]}, body: [conv: 4]}",
    "shortcut": "residual: {shortcut: [{conv: 8}, {split: 2}], body: [conv: 4]}",
    "body": "residual: [{conv: 8}, {split: 2}]",
}


@pytest.mark.parametrize("part", TUPLES)
def test_a_part_that_ends_in_a_tuple(part: str) -> None:
    with pytest.raises(SpecError) as caught:
        lower(loads(f"input: [4, 32, 32]\nstages:\n  - {TUPLES[part]}\n"))
    (found,) = caught.value.diagnostics
    assert found.code == "SHP010"
    assert f"the {part} of a residual gives 2 values" in found.message
    assert "concat or add" in found.hint


@pytest.mark.parametrize("merge", ["add", "concat", "multiply", "{gate: [{conv: 4}, sigmoid]}"])
def test_a_shortcut_block_that_gives_a_tuple(merge: str) -> None:
    text = f"""
input: [4, 32, 32]
blocks:
  two: {{body: [conv: 8, split: 2]}}
stages:
  - residual: {{merge: {merge}, shortcut: two, body: [conv: 4]}}
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("SHP010", 6)]
