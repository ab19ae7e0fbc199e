"""The formats of archspec summarize: bars in a terminal, markdown, comma-separated values."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

import archspec
from archspec.analysis.memory.saved_by_row import with_saved_bytes
from archspec.analysis.summary import Summary, summarize
from archspec.analysis.summary_text import cells, render_text
from archspec.cli.main import main
from archspec.cli.summary_csv import render_csv
from archspec.cli.summary_rich import render_rich
from archspec.lowering import lower_partial
from tests import designs

BARS = "█▉▊▋▌▍▎▏"
BROKEN = "input: [3, 8, 8]\nstages:\n  - conv: {name: =a, channels: 4}\n  - conv: {name: b, channels: 4, groups: 3}\n"


def summary_of(name: str, level: str = "block") -> Summary:
    graph = designs.graph(name)
    return with_saved_bytes(graph, summarize(graph, level))


def broken() -> Summary:
    graph, _, _ = lower_partial(archspec.loads(BROKEN))
    assert graph is not None
    return summarize(graph)


@pytest.mark.parametrize("name", ["resnet50", "unet", "vit", "densenet"])
@pytest.mark.parametrize("width", [20, 60, 80, 100, 160])
def test_no_figure_is_cut_at_any_width(name: str, width: int) -> None:
    summary = summary_of(name)
    lines = render_rich(summary, width, colour=False).split("\n")
    plain = max(map(len, render_text(summary).split("\n\n")[1].split("\n")))
    for row in summary.rows:
        line = next(line for line in lines if line.split()[:1] == [row.path])
        assert [word for word in line.split() if word[0] not in BARS] == " ".join(cells(row)).split()
    framed = lines[2 : lines.index("", 3)]
    assert max(map(len, framed)) <= max(width, plain + 10)
    barred = any(set(line) & set(BARS) for line in framed)
    if width in (20, 60, 160):  # between, it depends on how long the names are
        assert barred == (width == 160)


def test_the_longest_bar_is_that_of_the_largest_figure() -> None:
    summary = summary_of("resnet50", "stage")
    lines = render_rich(summary, 140, colour=False).split("\n")
    full = {line.split()[0] for line in lines if "█" * 20 in line}
    assert full == {"layer3", "layer4"}  # most MACs, most parameters
    head = next(line for line in lines if line.split()[:1] == ["head"])
    share = 2_049_000 / 14_964_736 * 20
    assert head.count("█") == int(share)


def test_colours_only_where_they_are_wanted_and_no_markup_in_names() -> None:
    summary = summarize(
        archspec.lower(archspec.loads("name: '[red]x[/red]'\n" + BROKEN.replace("groups: 3", "groups: 2")))
    )
    assert "\x1b" not in render_rich(summary, 120, colour=False)
    assert "\x1b[36" in render_rich(summary, 120, colour=True)
    assert render_rich(summary, 120, colour=False).startswith("[red]x[/red] ")


def test_a_broken_design_shows_what_is_known() -> None:
    text = render_rich(broken(), 120, colour=False)
    assert "≥ 112" in text
    assert "?" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_bars_are_for_terminals(terminal: bool) -> None:
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "archspec", "summarize", "small_resnet"]
    if not terminal:
        out = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=True, encoding="utf-8"
        ).stdout
        assert out.rstrip("\n") == render_text(summary_of("small_resnet", "stage"))
        return
    ours, theirs = os.openpty()
    with subprocess.Popen(command, stdout=theirs, env=environment) as process:
        os.close(theirs)
        data = b""
        while True:
            try:
                more = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            data += more
        assert process.wait() == 0
    os.close(ours)
    shown = data.decode("utf-8").replace("\r\n", "\n").rstrip("\n")
    assert shown == render_rich(summary_of("small_resnet", "stage"), 120, colour=False)


def test_csv_adds_up_to_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    for level in ("stage", "block", "op"):
        assert main(["summarize", "resnet50", "--format", "csv", "--level", level]) == 0
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert main(["summarize", "resnet50", "--format", "json", "--level", level]) == 0
        report = json.loads(capsys.readouterr().out)
        for figure in ("params", "buffers", "macs", "elementwise_flops", "output_bytes", "saved_bytes"):
            assert sum(int(row[figure]) for row in rows) == report[figure]
        assert [row["output"].split("x") for row in rows] == [list(map(str, row["output"])) for row in report["rows"]]


def test_csv_of_a_broken_design_leaves_empty_and_has_no_formulas(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "net.yaml").write_text(BROKEN, encoding="utf-8")
    assert main(["summarize", str(tmp_path / "net.yaml"), "--format", "csv", "--level", "op"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["path"], row["params"]) for row in rows] == [("'=a", "112"), ("b", "")]


def test_memory_of_a_layer_is_its_output_in_float32() -> None:
    summary = summarize(archspec.lower(archspec.loads("input: [3, 8, 8]\nstages:\n  - conv: 4\n  - relu\n")))
    assert summary.total.output_bytes == 2 * 4 * 8 * 8 * 4


def test_markdown_has_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summarize", "resnet50", "--format", "markdown"]) == 0
    html = MarkdownIt("gfm-like", {"linkify": False}).render(capsys.readouterr().out)
    assert html.count("<tr>") == 8
    assert '<td style="text-align:right">4,089,184,256</td>' in html


MAPS = [[16, 56, 56], [32, 28, 28], [64, 14, 14], [128, 7, 7]]


def test_a_stage_that_passes_on_several_maps_shows_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for form in ("text", "markdown", "csv", "json"):
        assert main(["summarize", "hrnet", "--format", form]) == 0
        shown[form] = capsys.readouterr().out
    line = next(line for line in shown["text"].split("\n") if line.startswith("stage4"))
    assert " 16×56×56, 32×28×28, 64×14×14, 128×7×7 " in line
    assert "| 16×56×56, 32×28×28, 64×14×14, 128×7×7 |" in shown["markdown"]
    written = {row["path"]: row["output"] for row in csv.DictReader(io.StringIO(shown["csv"]))}
    assert (written["layer1"], written["stage4"]) == ("128x56x56", "16x56x56 32x28x28 64x14x14 128x7x7")
    rows = {row["path"]: row for row in json.loads(shown["json"])["rows"]}
    assert [rows[f"stage{count}"]["outputs"] for count in (2, 3, 4)] == [MAPS[:2], MAPS[:3], MAPS]
    assert rows["stage4"]["output"] == MAPS[0]
    assert rows["head"]["outputs"] == [rows["head"]["output"]] == [[1000]]


BRANCHED = """
input: [4, 8, 8]
stages:
  - branches:
      name: two
      merge: none
      of:
        - [{conv: {name: a, channels: 8, kernel: 1}}]
        - [{conv: {name: b, channels: 16, kernel: 1, stride: 2}}]
  - concat: {from: ["two[0]", "two[0]"]}
"""


def test_branches_that_are_not_joined_are_one_row_with_what_each_gives() -> None:
    summary = summarize(archspec.lower(archspec.loads(BRANCHED)))
    assert summary.rows[0].outputs == ((8, 8, 8), (16, 4, 4))
    assert summary.rows[0].output == (8, 8, 8)


def test_what_a_block_exports_is_not_what_it_passes_on() -> None:
    blocks = (
        "input: [4, 8, 8]\nblocks:\n  pair:\n"
        "    body: [{conv: {name: a, channels: 8}}, {conv: {name: b, channels: 6}}]\n"
        "    outputs: {first: a}\nstages:\n  - pair: {name: p}\n  - concat: [p.first, p]\n"
    )
    summary = summarize(archspec.lower(archspec.loads(blocks)), "block")
    assert [row.outputs for row in summary.rows] == [((6, 8, 8),), ((14, 8, 8),)]


def test_many_outputs_are_reported_in_few_words() -> None:
    text = "input: [24, 8, 8]\nstages:\n  - split: {parts: 4, name: s}\n  - concat: ['s[0]', 's[1]']\n"
    row = summarize(archspec.lower(archspec.loads(text)), "op").rows[0]
    assert cells(row)[2] == "6×8×8 (×4)"
    assert row.to_dict()["outputs"] == [[6, 8, 8]] * 4
    different = replace(row, outputs=tuple((n, 8, 8) for n in range(1, 9)))
    assert cells(different)[2] == "1×8×8, 2×8×8, 3×8×8, 4×8×8, 5×8×8, …"
    assert cells(replace(row, outputs=different.outputs[:6]))[2].endswith("5×8×8, 6×8×8")


def test_an_output_of_several_that_is_not_known_is_a_question_mark() -> None:
    row = replace(broken().rows[0], outputs=((4, 8, 8), None))
    assert cells(row)[2] == "4×8×8, ?"
    assert row.to_dict()["outputs"] == [[4, 8, 8], None]
    assert render_csv(replace(broken(), rows=(row,))).split("\n")[1].split(",")[2] == "4x8x8 ?"
