"""archspec audit: text, JSON, markdown, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import archspec
from archspec.cli.main import main
from archspec.ops.conv import Conv

pytestmark = pytest.mark.torch

DESIGN = """
name: "net|<b>"
input: [3, 8, 8]
stem:
  - conv: {channels: 4, kernel: 3, bias: true}
  - batch_norm
head:
  - global_avg_pool
  - linear: 5
"""


def write(directory: Path, text: str = DESIGN) -> str:
    path = directory / "net.yaml"
    path.write_text(text)
    return str(path)


def test_text_shows_every_figure_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", write(tmp_path), "--checker", "torchinfo", "--checker", "flop_counter"]) == 0
    text = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "net|<b> one sample: input 3×8×8" in lines
    assert f"MACs {4 * 3 * 9 * 64 + 20:,}" in lines
    assert "MACs 7,201 +269" in lines
    assert "+8 a norm counted: a MAC for each of its parameters (1 layer)" in lines
    assert "+261 biases counted (2 layers)" in lines
    assert "every difference is explained" in lines
    assert "fvcore" not in text


def test_json_is_the_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    assert main(["audit", path, "--format", "json", "--checker", "torchinfo"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == archspec.audit(path, checkers=["torchinfo"]).to_dict()
    assert printed["explained"] is True


def test_markdown_is_a_table_in_which_names_are_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", write(tmp_path), "--format", "markdown", "--checker", "torchinfo"]) == 0
    text = capsys.readouterr().out
    assert "<b>" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {6}
    assert any("+269" in row and "biases counted" in row for row in rows)


def test_what_is_not_explained_has_its_number_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path)
    monkeypatch.setattr(Conv, "macs", lambda self, inputs, outputs: 0)
    assert main(["audit", path, "--checker", "flop_counter"]) == 1
    text = capsys.readouterr().out
    assert f"+{4 * 3 * 9 * 64:,}  unexplained" in text
    assert "not explained: FlopCounterMode" in text
    assert main(["audit", path, "--checker", "flop_counter", "--format", "markdown"]) == 1
    assert f"+{4 * 3 * 9 * 64:,} unexplained" in capsys.readouterr().out.replace("&#43;", "+")


def test_variant_and_input(capsys: pytest.CaptureFixture[str]) -> None:
    how = ["--checker", "flop_counter", "--format", "json"]
    assert main(["audit", "cifar_resnet", "--variant", "resnet20", *how]) == 0
    assert json.loads(capsys.readouterr().out)["variant"] == "resnet20"
    assert main(["audit", "small_resnet", "--input", "3x16x16", *how]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == {"input": [3, 16, 16]}


def test_wrong_arguments_and_broken_designs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "small_resnet", "--checker", "thop"]) == 2
    assert "torchinfo" in capsys.readouterr().err
    broken = DESIGN.replace("kernel: 3", "kernel: 99, padding: 0")
    assert main(["audit", write(tmp_path, broken)]) == 1
    assert "net.yaml:5:" in capsys.readouterr().err
