"""A broken design: its valid part is still summarised and shown, and the commands fail all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import archspec
from archspec.analysis.cost import Costs
from archspec.cli.main import main
from tests import designs
from tests.cli.command_line import Run, runner

BROKEN = """\
name: broken
input: [3, 32, 32]
stem:
  - conv: {channels: 16, kernel: 3}
  - batch_norm
stages:
  - conv: {name: a, channels: 32, kernel: 3, groups: 5}
  - residual: [{conv: 8}, rleu, {conv: 16}]
head:
  - global_avg_pool
  - linear: 10
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)

    def call(command: str, *words: str) -> tuple[int, str, str]:
        return runner(capsys, command)(str(file), *words)

    return call


def test_the_table_has_every_row(run: Run) -> None:
    code, out, err = run("summarize")
    rows = [line.split("  ") for line in out.splitlines()[4:8]]
    assert code == 1
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["stem", "conv + 1 more", "16×32×32", "464", "442,368"],
        ["a", "conv", "?", "?", "?"],
        ["3…5", "conv + 3 more", "?", "?", "?"],
        ["head", "global_avg_pool + 1 more", "?", "?", "?"],
    ]
    assert "parameters ≥ 464" in out
    assert "CNV001" in err
    assert "SPC005" in err
    assert "CNV001" not in out


def test_the_same_as_json(run: Run) -> None:
    code, out, err = run("summarize", "--format", "json", "--level", "op")
    summary = json.loads(out)
    assert (code, err) == (1, "")
    assert [d["code"] for d in summary["diagnostics"]] == ["CNV001", "SPC005"]
    assert [row["params"] for row in summary["rows"]] == [432, 32, *[None] * 7]
    assert [row["output"] for row in summary["rows"]] == [[16, 32, 32], [16, 32, 32], *[None] * 7]
    assert [row["kind"] for row in summary["rows"]].count("?") == 1
    assert (summary["output"], summary["params"], summary["macs"], summary["flops"]) == (None, None, None, None)


def test_the_valid_part_is_what_it_is_in_a_whole_design(run: Run) -> None:
    whole = "input: [3, 32, 32]\nstem: [{conv: {channels: 16, kernel: 3}}, batch_norm]\n"
    rows = archspec.summarize(archspec.lower(archspec.loads(whole)), level="op", saved=False).rows
    shown = json.loads(run("summarize", "--format", "json", "--level", "op")[1])["rows"]
    assert shown[:2] == [row.to_dict() for row in rows]


def test_show_and_build(run: Run) -> None:
    code, out, err = run("show", "--graph")
    assert code == 1
    assert "conv[channels=32, groups=5, bias=true](%2) -> unknown" in out
    assert "CNV001" in err
    for words in ((), ("--resolved",)):
        code, out, err = run("show", *words)
        assert (code, "groups: 5" in out) == (0, True)
        assert err == ""
    code, out, err = run("build")
    assert (code, out) == (1, "")
    assert "CNV001" in err


def test_an_unknown_parameter_is_left_out_of_the_resolved_spec(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("input: [3, 8, 8]\nparams: {w: 4}\nstages: [conv: w]\nvariants: {a: {v: 3}}\n")
    show = runner(capsys, "show")
    code, out, err = show(str(file), "--resolved", "--variant", "a")
    assert code == 1
    assert "SPC001" in err
    assert archspec.lower(archspec.loads(out)).output_types[0].shape == (4, 8, 8)
    # A wrong --set is a wrong argument, without which another spec would be shown.
    code, out, err = show(str(file), "--resolved", "--set", "v=3")
    assert (code, out) == (2, "")
    assert "SPC001" in err


def test_nothing_can_be_shown_of_what_is_no_spec(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("input: [3, 8\nstem: {")
    for command in ("summarize", "show"):
        assert main([command, str(file)]) == 1
        assert main([command, str(tmp_path / "none.yaml")]) == 2
    capsys.readouterr()


def test_a_whole_design_has_no_unknown() -> None:
    summary = archspec.summarize(designs.graph("vit"))
    assert summary.total.unknown == 0
    assert "diagnostics" not in summary.to_dict()


def test_an_optional_input_left_out_is_not_unknown() -> None:
    text = (
        "inputs: {x: {shape: [16, 32], kind: tokens}, m: {shape: [16, 16], kind: mask}}\n"
        "stages: [{attention: {heads: 4, from: {q: x, mask: m}}}]\n"
    )
    graph = archspec.lower(archspec.loads(text))
    cost = Costs().of_body(graph.body)
    assert cost.unknown == 0
    assert cost.macs == 2 * 16 * 16 * 32  # q k^T, and its product with v
