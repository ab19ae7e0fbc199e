"""The rows of the table: their names are paths of the Graph, and a looped list of stages has a row for each turn."""

from __future__ import annotations

import pytest

import archspec
from archspec.ir.graph import Graph
from archspec.language.files import gallery_names
from archspec.language.layers import SequenceLayer
from archspec.lowering import repeats
from archspec.views.groups import openable
from tests import designs

UNNAMED = """\
name: unnamed
input: [3, 32, 32]
stem: [{conv: 8}, relu]
stages:
  - conv: {channels: 16, stride: 2}
  - basic: {channels: 16, repeat: 2}
  - residual: [{conv: 16}, {conv: 16}]
  - sequence: [relu, {conv: {name: last, channels: 8}}]
  - relu
head: [global_avg_pool, {linear: 10}]
"""
LOOPED = """\
name: looped
input: [3, 32, 32]
params: {widths: [8, 16, 32]}
stages:
  - sequence:
      repeat: len(widths)
      as: i
      NAME
      body:
        - conv: {channels: "widths[i]", stride: 2}
        - norm
        - act
"""


def rows_of(graph: Graph) -> list[str]:
    return [row.path for row in archspec.summarize(graph).rows]


def test_a_row_without_a_name_has_the_path_of_its_layers() -> None:
    graph = designs.graph_of(UNNAMED)
    assert rows_of(graph) == ["stem", "2", "3", "4…5", "6…last", "8", "head"]
    assert [row.path for row in archspec.summarize(graph, level="block").rows] == [
        *("0", "1", "2", "3.0", "3.1", "4", "5", "add", "6", "last", "8", "9", "10"),
    ]


@pytest.mark.parametrize("name", gallery_names())
def test_the_first_layer_of_a_row_is_at_its_path(name: str) -> None:
    graph = designs.graph(name)
    paths = {placed.path for placed in graph.walk()}
    within = {path[: place + 1].rstrip(".") for path in paths for place in range(len(path))}
    for section in graph.sections:
        if section.name not in ("stem", "head"):
            assert section.name.split("…")[0] in within, section.name


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("name: enc", ["enc.0", "enc.1", "enc.2"]),
        ('name: "enc${i + 1}"', ["enc1", "enc2", "enc3"]),
        ("", ["0…2", "3…5", "6…8"]),
    ],
)
def test_a_looped_list_has_a_row_for_each_turn(name: str, rows: list[str]) -> None:
    graph = designs.graph_of(LOOPED.replace("      NAME\n", f"      {name}\n" if name else ""))
    summary = archspec.summarize(graph)
    assert [row.path for row in summary.rows] == rows
    assert [row.output for row in summary.rows] == [(8, 16, 16), (16, 8, 8), (32, 4, 4)]
    assert sum(row.cost.params for row in summary.rows) == summary.params
    assert set(rows) <= set(openable(graph))
    assert "conv, batch_norm, relu" in str(archspec.draw(graph, level="stage", format="mmd"))


class CountedTurn:
    """A turn that counts how often it is asked for its layer."""

    asked = 0

    def __init__(self, layer: SequenceLayer, path: str, first: int, last: int, values: tuple[int, ...]) -> None:
        self._layer, self.path, self.first, self.last, self.values = layer, path, first, last, values

    @property
    def layer(self) -> SequenceLayer:
        CountedTurn.asked += 1
        return self._layer


def test_the_turns_of_other_stages_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountedTurn, "asked", 0)
    monkeypatch.setattr(repeats, "SequenceTurn", CountedTurn)
    stages = "  - sequence: {repeat: 4, body: [relu]}\n" * 20
    assert len(designs.graph_of(f"input: [3, 8, 8]\nstages:\n{stages}").sections) == 80
    assert CountedTurn.asked == 80


def test_a_sequence_whose_turns_are_merged_is_one_row() -> None:
    text = LOOPED.replace("      NAME\n", "      merge: concat\n      name: enc\n").replace(", stride: 2", "")
    assert rows_of(designs.graph_of(text)) == ["enc"]


def test_a_turn_that_makes_no_layers_has_no_row() -> None:
    text = LOOPED.replace("      NAME\n", "      name: enc\n      when: i != 1\n")
    assert rows_of(designs.graph_of(text)) == ["enc.0", "enc.2"]
