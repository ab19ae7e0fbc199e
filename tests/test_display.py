"""What print and notebooks show of a Graph and a Summary, and what type checkers infer of pictures."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import assert_type

import pytest

import archspec
from archspec.analysis.summary_text import render_text
from archspec.cli.main import main
from tests import designs


def test_a_summary_prints_as_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    summary = archspec.summarize("small_resnet", saved=True)
    assert str(summary) == render_text(summary)
    assert main(["summarize", "small_resnet"]) == 0
    assert capsys.readouterr().out == f"{summary}\n"


def test_a_graph_prints_as_a_table() -> None:
    lines = str(designs.graph("small_resnet")).splitlines()
    assert lines[0] == "small_resnet   input 3×32×32 → output 10"
    assert [line.split() for line in lines[2:]][:4] == [
        ["path", "kind", "output"],
        ["─" * len("classifier"), "─" * len("global_avg_pool"), "─" * len("32×32×32")],
        ["conv", "conv", "32×32×32"],
        ["norm", "batch_norm", "32×32×32"],
    ]
    assert len(lines) == 4 + len(designs.graph("small_resnet").body.steps)


def test_several_outputs_and_unknown_shapes_print() -> None:
    from archspec.lowering import lower_partial

    text = (
        "name: n\ninput: [3, 8, 8]\nstages: [{split: {name: s, sizes: [1, 2]}}, {conv: {from: missing, channels: 4}}]\n"
    )
    graph, _, _ = lower_partial(archspec.loads(text))
    assert graph is not None
    assert "1×8×8, 2×8×8" in str(graph)
    assert "→ output ?" in str(graph)


def test_notebooks_show_a_table_and_a_picture() -> None:
    table = ElementTree.fromstring(f"<p>{archspec.summarize('small_resnet')._repr_html_()}</p>")
    assert next(cell.text for row in table.iter("tfoot") for cell in row.iter("th")) == "total"
    assert len(list(table.iter("tr"))) == 8
    svg = designs.graph("small_resnet")._repr_svg_()
    assert svg == archspec.draw("small_resnet").decode()


def test_names_are_only_text_in_a_notebook() -> None:
    hostile = "<script>alert(1)</script>"
    graph = designs.graph_of(f"name: '{hostile}'\ninput: [3, 8, 8]\nstages: [{{conv: {{name: '<b>', channels: 4}}}}]\n")
    shown = archspec.summarize(graph)._repr_html_()
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown


def test_a_picture_that_fails_leaves_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise archspec.PictureError("no Graphviz")

    monkeypatch.setattr(archspec, "draw", fail)
    assert designs.graph("small_resnet")._repr_svg_() is None


def test_the_type_of_a_picture_follows_from_its_format() -> None:
    """mypy checks these types when it reads the tests."""
    graph = designs.graph("small_resnet")
    assert_type(archspec.draw(graph), bytes)
    assert_type(archspec.draw(graph, format="png", level="stage"), bytes)
    assert_type(archspec.draw(graph, format="mmd"), str)
    assert_type(archspec.draw_diff(graph, graph), bytes)
    assert_type(archspec.draw_diff(graph, graph, format="dot"), str)
