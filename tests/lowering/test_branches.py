"""`branches` and `sequence`: parallel lists of layers, repeated, skipped, and named."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from archspec import SpecError, loads, lower
from archspec.backends.torch.build import module_of
from archspec.backends.torch.generated import Generated


def build(text: str) -> Any:
    """Return the module; layers are reached as its attributes, of which mypy knows nothing."""
    spec = loads(text)
    return module_of(lower(spec), spec, seed=0).eval()


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def same(found: torch.Tensor, wanted: torch.Tensor) -> None:
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)


def modules(model: Generated) -> set[str]:
    return {key.rpartition(".")[0] for key in model.state_dict()}


BRANCHES = """
input: [4, 8, 8]
stages:
  - branches:
      merge: MERGE
      of:
        - [{conv: {name: a, channels: 4, kernel: 1}}]
        - [{conv: {name: b, channels: 4, kernel: 3}}, relu]
        - []
"""


@pytest.mark.parametrize("merge", ["concat", "add", "none"])
def test_merges(merge: str) -> None:
    text = BRANCHES.replace("MERGE", merge)
    if merge == "none":
        text = text.replace("merge: none", "name: tuple\n      merge: none") + '  - concat: ["tuple[2]", "tuple[0]"]\n'
    model, x = build(text), draw(2, 4, 8, 8)
    inner = model.tuple if merge == "none" else model
    a, b = inner.a(x), inner.b(x).relu()
    wanted = {"concat": torch.cat([a, b, x], 1), "add": a + b + x, "none": torch.cat([x, a], 1)}
    same(model(x), wanted[merge])


def test_branches_that_start_elsewhere_repeat_or_vanish() -> None:
    model = build("""
input: [4, 8, 8]
params: {wide: false}
stages:
  - conv: {name: first, channels: 3, kernel: 1}
  - branches:
      - {from: input, body: [{conv: {name: a, channels: 2, kernel: 1}}]}
      - {when: wide, body: [{conv: {name: never, channels: 9, kernel: 1}}]}
      - {repeat: 2, as: i, body: [{conv: {name: "b${i}", channels: "2 + i", kernel: 1}}]}
      - {repeat: 2, name: c, body: [{conv: {name: d, channels: 1, kernel: 1}}]}
""")
    x = draw(2, 4, 8, 8)
    first = model.first(x)
    parts = [model.a(x), model.b0(first), model.b1(first), model.c[0].d(first), model.c[1].d(first)]
    same(model(x), torch.cat(parts, 1))
    assert modules(model) == {"first", "a", "b0", "b1", "c.0.d", "c.1.d"}


def test_unequal_branches_cannot_be_added() -> None:
    text = BRANCHES.replace("MERGE", "add").replace("name: b, channels: 4", "name: b, channels: 5")
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("SHP001", 5)]


def test_a_branch_from_a_tuple_is_named_where_it_says_so() -> None:
    text = BRANCHES.replace("MERGE", "none").replace("merge: none", "name: tuple\n      merge: none")
    text += """
  - branches:
      - from: tuple
        body:
          - conv: {channels: 4, kernel: 1}
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("SHP010", 15)
    assert found.message == "conv takes one value, and the branch's `from` gives 3"
    assert [(c.message, c.span and c.span.line) for c in found.causes] == [("the branch starts here", 13)]


def test_one_shot_aggregation() -> None:
    model = build("""
input: [4, 8, 8]
stages:
  - sequence: {name: steps, repeat: 3, merge: concat, body: [{conv: {name: conv, channels: 2, kernel: 3}}]}
""")
    x = draw(2, 4, 8, 8)
    values = [x]
    for step in model.steps:
        values.append(step.conv(values[-1]))
    same(model(x), torch.cat(values, 1))


def test_positions_count_layers_and_go_on_through_unnamed_structure() -> None:
    """Names are the state_dict, rules 1 and 2: order is body, shortcut, gate; a layer left out takes no position."""
    model = build("""
input: [4, 8, 8]
stem:
  - conv: {channels: 4, kernel: 3}
  - relu
  - conv: {when: false, channels: 9, kernel: 3}
stages:
  - residual:
      body:
        - conv: {channels: 6, kernel: 1}
        - conv: {name: named, channels: 6, kernel: 1}
      shortcut: [{conv: {channels: 6, kernel: 1}}]
      merge: {gate: [{conv: {channels: 6, kernel: 1}}, sigmoid]}
  - sequence:
      - conv: {channels: 6, kernel: 1}
  - sequence: {name: group, body: [relu, {conv: {channels: 6, kernel: 1}}]}
head:
  - branches: {merge: add, of: [[{conv: {channels: 6, kernel: 1}}], [{conv: {channels: 6, kernel: 1}}]]}
""")
    assert modules(model) == {"0", "2", "named", "4", "5", "7", "group.1", "8", "9"}


def test_a_repeat_has_a_number_exactly_where_its_name_does_not_count_itself() -> None:
    """Rules 3 and 4."""
    model = build("""
input: [4]
stages:
  - linear: {name: a, repeat: 1, features: 4}
  - linear: {name: "b${index + 1}", repeat: 2, features: 4}
  - linear: {name: "c.${i}.deep", repeat: 2, as: i, features: 4}
  - linear: {repeat: 2, features: 4}
  - sequence: {name: d, repeat: 2, body: [{linear: 4}, relu, {linear: {name: e.f, features: 4}}]}
  - linear: 4
""")
    wanted = {"a.0", "b1", "b2", "c.0.deep", "c.1.deep", "3.0", "3.1", "d.0.0", "d.1.0", "d.0.e.f", "d.1.e.f", "4"}
    assert modules(model) == wanted


def test_when_may_depend_on_the_repeat() -> None:
    model = build("""
input: [4]
stages:
  - linear: {name: a, repeat: 4, when: index % 2 == 0, features: "4 + index"}
""")
    assert modules(model) == {"a.0", "a.2"}
    assert model(draw(2, 4)).shape == (2, 6)


def test_a_name_that_was_left_out_cannot_be_referred_to() -> None:
    text = "input: [4]\nstages:\n  - linear: {name: a, when: false, features: 4}\n  - linear: {from: a, features: 4}\n"
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("SPC005", 4)
    assert "left out" in found.message


@pytest.mark.parametrize(
    ("second", "clash"),
    [
        ("linear: {name: a, features: 4}", "two layers"),
        ("linear: {name: a.b, features: 4}", "inside a"),
        ('linear: {name: "2", features: 4}', ""),
        ("linear: {name: forward, features: 4}", "forward"),
        ("linear: {name: x..y, features: 4}", "empty"),
    ],
)
def test_keys_that_clash(second: str, clash: str) -> None:
    text = f"input: [4]\nstages:\n  - linear: {{name: a, features: 4}}\n  - {second}\n  - linear: 4\n"
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    found = caught.value.diagnostics[0]
    assert found.code == "SPC010"
    assert clash in found.message


def test_bare_and_renamed_tensors_are_keys_themselves() -> None:
    """Rules 5 and 6."""
    model = build("""
input: [4, 6, 6]
stages:
  - scale: {name: gamma, value: 0.5}
  - to_tokens
  - position_embedding: {name: encoder.pos}
  - linear: {name: in_proj, features: 8, bias: true, keys: {weight: in_proj_weight, bias: in_proj_bias}}
  - linear: {name: deep.proj, features: 4, bias: false, keys: {weight: w}}
""")
    shapes = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    assert shapes == {
        "gamma": (4, 1, 1),
        "encoder.pos": (1, 36, 4),
        "in_proj_weight": (8, 4),
        "in_proj_bias": (8,),
        "deep.w": (4, 8),
    }
    x = draw(2, 4, 6, 6)
    tokens = (x * model.gamma).flatten(2).transpose(1, 2) + model.encoder.pos
    same(model(x), (tokens @ model.in_proj_weight.T + model.in_proj_bias) @ model.deep.w.T)


def test_the_name_of_a_branch_is_its_value() -> None:
    graph = lower(
        loads("""
input: [4, 8, 8]
stages:
  - branches:
      - {name: left, body: [conv: 8]}
      - {name: right, from: left, body: [conv: 2]}
      - {name: "side${i}", repeat: 2, as: i, body: [conv: {name: inner, channels: 3}]}
      - {name: many, repeat: 3, body: [conv: {name: inner, channels: 5}, relu]}
      - {name: gone, when: false, body: [conv: 8]}
      - {name: none, repeat: 0, body: [conv: 8]}
  - concat: [left, right, side1, side0.inner, many.2, many.*.inner, many.inner, many, "many[1]", none.*]
""")
    )
    assert graph.output_types[0].channels == 8 + 2 + 3 + 3 + 5 + 15 + 5 + 15 + 5
    assert "many.2.inner" in {step.scope for step in graph.body.steps}


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("gone", "gone is left out here by its `when`"),
        ("none", "none is left out here by its `repeat: 0`"),
        ("late", "late is defined later"),
        ("many.3", "there is no 3"),
    ],
)
def test_a_branch_that_has_no_value(reference: str, message: str) -> None:
    text = f"""
input: [4, 8, 8]
stages:
  - branches:
      - {{name: many, repeat: 3, body: [conv: 5]}}
      - {{name: gone, when: false, body: [conv: 8]}}
      - {{name: none, repeat: 0, body: [conv: 8]}}
      - {{from: {reference}, body: [relu]}}
      - {{name: late, body: [relu]}}
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("SPC005", 8)]
    assert message in caught.value.diagnostics[0].message


def test_the_repeats_of_a_branch_are_numbered_unless_their_name_uses_the_variable() -> None:
    text = """
input: [4, 8, 8]
params: {prefix: level}
stages:
  - branches:
      - {name: "${prefix}_", repeat: 2, body: [conv: 4]}
      - {name: "${prefix}${index}", repeat: 2, body: [conv: 4]}
"""
    paths = [step.scope for step in lower(loads(text)).body.steps]
    assert paths == ["level_.0.0", "level_.1.0", "level0.0", "level1.0", "concat"]
