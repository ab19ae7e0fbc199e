"""A block repeated is the block written out: turns that are not worked out again are the ones that need not be."""

from __future__ import annotations

import pytest

from archspec import Graph, build, loads, lower
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


def test_the_limit_of_layers_counts_every_turn() -> None:
    from archspec import SpecError

    with pytest.raises(SpecError, match="more than 20,000 layers"):
        graph_of("  - sequence: {name: g, repeat: 10, body: [{unit: {name: s, repeat: 900, channels: 4}}]}\n")


def test_shared_weights_are_shared_at_every_turn() -> None:
    graph = graph_of(
        "  - unit: {name: first, channels: 4}\n  - unit: {name: s, repeat: 4, channels: 4, share: first}\n"
    )
    assert [len(step.share) for step in graph.body.steps] == [0, 1, 1, 1, 1]
