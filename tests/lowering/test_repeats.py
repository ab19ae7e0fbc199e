"""A block repeated is the block written out: turns that are not worked out again are the ones that need not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec import Graph, SpecError, build, load, loads, lower
from archspec.ir.graph import Call

BLOCK = """
blocks:
  unit:
    params: {channels: int, stride: {type: int, default: 1, first: true}, extra: {type: layers, default: []}}
    body:
      - residual:
          body:
            - conv: {channels: channels, kernel: 3, stride: stride}
            - norm
            - layers: extra
            - conv: {channels: channels, kernel: 3}
      - act
"""


def graph_of(layers: str) -> Graph:
    return lower(loads(f"input: [4, 16, 16]\n{BLOCK}stages:\n{layers}"))


def placed(graph: Graph) -> list[tuple[str, str, str]]:
    """Everything that is anywhere: the path, the op with its attributes or the block, the shape."""
    return [
        (p.path, p.step.kind if isinstance(p.step, Call) else repr(p.step.op), str(p.step.outputs[0]))
        for p in graph.walk()
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        "channels: 4",
        "channels: 8, stride: 2",
        'channels: "4 + 2 * {turn}"',
        'channels: "{turn} if {turn} > 3 else 4"',
        'channels: "4 + {turn} % 2"',
        "channels: 4, extra: [dropout: 0.25]",
        'channels: 4, extra: [{{dropout: {{rate: "{turn} / 10"}}}}]',
        'channels: 4, extra: [{{conv: {{channels: "{turn} + 1", kernel: 1}}}}]',
        "channels: in_channels",
    ],
)
@pytest.mark.parametrize("variable", ["index", "turn"])
def test_a_repeat_is_the_same_written_out(arguments: str, variable: str) -> None:
    named = "" if variable == "index" else f"as: {variable}, "
    short = graph_of(f"  - unit: {{name: s, repeat: 6, {named}{arguments.format(turn=variable)}}}\n")
    lines = []
    for turn in range(6):
        given = arguments.format(turn=turn)
        given = given.replace(", stride: 2", "") if turn else given
        lines.append(f"  - unit: {{name: s.{turn}, {given}}}\n")
    assert placed(short) == placed(graph_of("".join(lines)))


def test_the_number_of_blocks_so_far_counts_as_the_turn() -> None:
    graph = graph_of(
        '  - unit: {name: a, repeat: 3, channels: 4}\n  - unit: {name: b, repeat: 4, channels: "4 + block_index"}\n'
    )
    widths = [step.outputs[0].channels for step in graph.body.steps]
    assert widths == [4, 4, 4, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("layers", "widths"),
    [
        # A branch that is left out does not count, nor does what is inside it.
        ("""  - branches: {merge: none, of: [
      {when: false, body: [{conv: {repeat: 5, channels: 4}}]},
      {body: [{conv: {repeat: 2, channels: "10 * block_count + block_index"}}]}]}
""", [20, 21]),
        # A repeated branch is an outermost repeat, and its turns count; those inside it do not.
        ("""  - branches: {merge: none, of: [
      {repeat: 3, body: [{conv: {repeat: 2, channels: "10 * block_count + block_index"}}]},
      {body: [{conv: {repeat: 2, channels: "10 * block_count + block_index"}}]}]}
""", [50, 50, 51, 51, 52, 52, 53, 54]),
        ("""  - residual:
      merge: concat
      body: [{conv: {repeat: 1, channels: "10 * block_count + block_index"}}]
      shortcut: [{conv: {repeat: 2, channels: "10 * block_count + block_index"}}]
""", [30, 31, 32]),
        ("""  - residual:
      merge: {gate: [{conv: {repeat: 2, channels: 4}}, {sigmoid: {}}]}
      body: [{conv: {repeat: 2, channels: "block_count"}}]
""", [4, 4, 4, 4]),
    ],
    ids=["branch left out", "branch repeated", "shortcut", "gate"],
)  # fmt: skip
def test_the_number_of_blocks_is_how_far_their_index_counts(layers: str, widths: list[int]) -> None:
    steps = graph_of(layers).body.steps
    assert [step.outputs[0].channels for step in steps if step.kind == "conv"] == widths


def test_repeats_in_layers_passed_to_a_block_are_not_counted() -> None:
    text = """input: [4, 8, 8]
blocks:
  twice: {params: {given: layers}, body: [{layers: given}, {layers: given}]}
stages:
  - conv: {repeat: 2, channels: "10 * block_count + block_index"}
  - twice: {given: [{conv: {repeat: 2, channels: "10 * block_count + block_index"}}]}
  - twice: {given: [{conv: {repeat: 2, channels: "10 * block_count + block_index"}}]}
  - conv: {repeat: 2, channels: "10 * block_count + block_index"}
"""
    steps = [placed.step for placed in lower(loads(text)).nodes()]
    assert [step.outputs[0].channels for step in steps] == [40, 41, *[40] * 8, 42, 43]


@pytest.mark.torch
def test_each_turn_has_weights_of_its_own() -> None:
    graph = graph_of("  - unit: {name: s, repeat: 5, channels: 4}\n")
    assert len({id(step.body) for step in graph.body.steps if isinstance(step, Call)}) == 1
    model = build(loads(f"input: [4, 16, 16]\n{BLOCK}stages:\n  - unit: {{name: s, repeat: 5, channels: 4}}\n"), seed=0)
    firsts = [p for name, p in model.named_parameters() if name.endswith(".0.weight")]
    assert len(firsts) == 5
    assert len({p.data_ptr() for p in firsts}) == 5
    assert len({float(p.detach().sum()) for p in firsts}) == 5


def test_a_condition_is_evaluated_at_every_turn() -> None:
    graph = graph_of("  - unit: {name: s, repeat: 6, channels: 4, when: index % 2 == 0}\n")
    assert [step.scope for step in graph.body.steps] == ["s.0", "s.2", "s.4"]


NAMES = """input: [4, 8, 8]
params: {names: {type: list, of: str, default: [a, "", ""]}}
stages:
"""


@pytest.mark.parametrize("rest", ["", ", repeat: 3"])
def test_a_layer_left_out_whose_computed_name_is_empty_has_no_name(rest: str) -> None:
    layer = f'conv: {{name: "${{names[1]}}"{rest}, channels: 4, when: false}}'
    with pytest.raises(SpecError) as caught:
        lower(loads(f'{NAMES}  - {layer}\n  - relu: {{from: "${{names[1]}}"}}\n'))
    assert [d.message for d in caught.value.diagnostics] == ["there is no layer named "]


@pytest.mark.parametrize(
    ("layer", "scopes"),
    [
        ('conv: {name: "${names[index]}", repeat: 3, channels: 4}', ["a", "0.1", "0.2"]),
        ('conv_norm_act: {name: "${names[index]}", repeat: 3, channels: 4}', ["a", "0.1", "0.2"]),
        ('sequence: {name: "${names[index]}", repeat: 3, body: [conv: 4]}', ["a.0", "0", "1"]),
        ('branches: [{name: "${names[index]}", repeat: 3, body: [conv: 4]}]', ["a.0", "0", "1", "concat"]),
    ],
)
def test_a_turn_whose_computed_name_is_empty_has_the_key_of_one_without_a_name(layer: str, scopes: list[str]) -> None:
    assert [step.scope for step in lower(loads(f"{NAMES}  - {layer}\n")).body.steps] == scopes


def test_a_turn_left_out_whose_computed_name_is_empty_has_no_name() -> None:
    layer = 'conv: {name: "${names[index]}", repeat: 3, channels: 4, when: index == 0}'
    with pytest.raises(SpecError) as caught:
        lower(loads(f'{NAMES}  - {layer}\n  - relu: {{from: "${{names[1]}}"}}\n'))
    assert [d.message for d in caught.value.diagnostics] == ["there is no layer named "]


def test_the_limit_of_layers_counts_every_turn() -> None:
    with pytest.raises(SpecError, match="more than 20,000 layers"):
        graph_of("  - sequence: {name: g, repeat: 10, body: [{unit: {name: s, repeat: 900, channels: 4}}]}\n")


def test_shared_weights_are_shared_at_every_turn() -> None:
    graph = graph_of(
        "  - unit: {name: first, channels: 4}\n  - unit: {name: s, repeat: 4, channels: 4, share: first}\n"
    )
    assert [len(step.share) for step in graph.body.steps] == [0, 1, 1, 1, 1]


FROM = """
input: [4, 8, 8]
blocks:
  merge:
    inputs: {x: map, skip: map}
    body: [concat: [x, skip], {conv: {channels: 4, kernel: 1}}]
  from_first:
    inputs: {main: map, other: map}
    body: [concat: [main, other], {conv: {channels: 4, kernel: 1}}]
stages:
  - conv: {name: a, channels: 4}
  - conv: {name: b, channels: 4}
  - LAYER
"""


def reads(layer: str) -> list[list[str]]:
    """Return what each step of a repeated layer reads, by the paths of the layers that gave it."""
    body = lower(loads(FROM.replace("LAYER", layer))).body
    names = {0: "input"}
    for step, first in zip(body.steps, body.starts, strict=True):
        names.update({first + offset: step.scope for offset in range(len(step.outputs))})
    return [[names[v] for v in step.inputs if v is not None] for step in body.steps[2:]]


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        ("conv: {name: c, channels: 4, repeat: 3, from: a}", [["a"], ["c.0"], ["c.1"]]),
        ("conv: {name: c, channels: 4, repeat: 3, from: [a]}", [["a"], ["c.0"], ["c.1"]]),
        ("conv: {name: c, channels: 4, repeat: 3, from: {x: a}}", [["a"], ["c.0"], ["c.1"]]),
        ("conv: {name: c, channels: 4, repeat: 3, from: prev}", [["b"], ["c.0"], ["c.1"]]),
        ("conv_norm_act: {name: c, channels: 4, repeat: 3, from: a}", [["a"], ["c.0"], ["c.1"]]),
        ("conv: {name: c, channels: 4, repeat: 3, when: index > 0, from: a}", [["a"], ["c.1"]]),
        # Of several ports, the one that takes the running value continues; the others are read in every turn.
        ("merge: {name: c, repeat: 3, from: {x: a, skip: b}}", [["a", "b"], ["c.0", "b"], ["c.1", "b"]]),
        ("merge: {name: c, repeat: 2, from: [a, b]}", [["a", "b"], ["c.0", "b"]]),
        ("merge: {name: c, repeat: 2, from: {skip: a}}", [["b", "a"], ["c.0", "a"]]),
        ("from_first: {name: c, repeat: 2, from: {main: a, other: b}}", [["a", "b"], ["c.0", "b"]]),
        ("sequence: {name: s, repeat: 2, from: a, body: [conv: {name: c, channels: 4}, {relu: {name: r}}]}",
         [["a"], ["s.0.c"], ["s.0.r"], ["s.1.c"]]),
        ("residual: {name: s, repeat: 2, from: a, body: [conv: {name: c, channels: 4}]}",
         [["a"], ["s.0.c", "a"], ["s.0.add"], ["s.1.c", "s.0.add"]]),
        # A reference that changes with the turn, or a list of several, is read in every turn.
        ("conv: {name: \"c${i}\", channels: 4, repeat: 2, as: i, from: \"${'a' if i else 'b'}\"}", [["b"], ["a"]]),
        ("add: {name: c, repeat: 2, from: [a, prev]}", [["a", "b"], ["a", "c.0"]]),
        ("sequence: {name: s, repeat: 2, from: [a, prev], body: [add: {name: c}]}", [["a", "b"], ["a", "s.0.c"]]),
        # A layer inside is a layer of its own in every turn, as are the repeats of a branch.
        ("sequence: {name: s, repeat: 2, body: [relu: {name: r}, {conv: {name: c, channels: 4, from: a}}]}",
         [["b"], ["a"], ["s.0.c"], ["a"]]),
        ("branches: {name: s, of: [{repeat: 2, from: a, body: [conv: {name: \"c${index}\", channels: 4}]}]}",
         [["a"], ["a"], ["s.c0", "s.c1"]]),
        # What a merge joins begins with the input of the first turn.
        ("sequence: {name: s, repeat: 2, merge: add, from: a, body: [conv: {name: c, channels: 4}]}",
         [["a"], ["s.0.c"], ["a", "s.0.c", "s.1.c"]]),
    ],
)  # fmt: skip
def test_from_is_where_a_repeat_starts(layer: str, wanted: list[list[str]]) -> None:
    assert reads(layer) == wanted


def test_a_network_that_is_repeated_starts_from_its_from(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(
        "inputs: {one: [4, 8, 8], two: [4, 8, 8]}\nstages: [add: [one, two], {conv: 4}]\n", encoding="utf-8"
    )
    (tmp_path / "one.yaml").write_text("input: [4, 8, 8]\nstages: [conv: 4]\n", encoding="utf-8")
    text = """
input: [4, 8, 8]
stages:
  - conv: {name: a, channels: 4}
  - conv: {name: b, channels: 4}
  - network: {spec: ./two.yaml, name: t, repeat: 2, from: {one: a, two: b}}
  - network: {spec: ./one.yaml, name: o, repeat: 2, from: a}
"""
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    body = lower(load(tmp_path / "net.yaml")).body
    assert [list(step.inputs) for step in body.steps[2:]] == [[1, 2], [3, 2], [1], [5]]


def test_the_shortcut_of_a_repeated_residual_strides_in_every_turn() -> None:
    layer = """residual:
      repeat: 2
      body: [{conv: {channels: 8, stride: 2}}]
      shortcut: {conv_norm_act: {activate: false}}"""
    graph = lower(loads(FROM.replace("LAYER", layer)))
    assert str(graph.output_types[0]) == "8×2×2"
