"""archspec plot: what it writes, what it refuses, and what it does without matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

import archspec
from archspec.cli.main import main
from archspec.dependencies import install_command
from tests import designs

BROKEN = """
input: [3, 32, 32]
stem: [{conv: {name: first, channels: 16, kernel: 3}}]
stages:
  - conv: {name: second, channels: 15, kernel: 3, groups: 4}
head: [global_avg_pool, {linear: 10}]
"""


@pytest.mark.parametrize("kind", ["cost", "receptive-field"])
@pytest.mark.parametrize("form", ["svg", "png"])
def test_writes_what_plot_gives(
    tmp_path: Path, kind: Literal["cost", "receptive-field"], form: Literal["svg", "png"]
) -> None:
    file = tmp_path / f"chart.{form}"
    file.write_text("something else")
    assert main(["plot", "densenet", "--variant", "densenet121", "--kind", kind, "-o", str(file)]) == 0
    assert file.read_bytes() == archspec.plot(designs.graph("densenet121"), kind=kind, format=form)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_of_a_broken_design_what_is_known(tmp_path: Path, capsys: Any) -> None:
    spec, file = tmp_path / "broken.yaml", tmp_path / "chart.svg"
    spec.write_text(BROKEN)
    for kind in ("cost", "receptive-field"):
        assert main(["plot", str(spec), "--kind", kind, "-o", str(file)]) == 1
        assert "CNV001" in capsys.readouterr().err
        assert ">stem</text>" in file.read_text()
    assert main(["plot", str(spec), "-o", str(file)]) == 1
    assert ">?</text>" in file.read_text()
    assert ">parameters   ≥ 448</text>" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["resnet", "-o", "chart.pdf"], "-o chart.pdf: the suffix says the format, one of .svg, .png"),
        (["resnet", "-o", "chart"], "the suffix says the format"),
        (["highway", "--kind", "receptive-field", "-o", "x.svg"], "no input that is a map"),
        (
            ["resnet18", "-o", "no/such/directory/chart.svg"],
            "cannot write no/such/directory/chart.svg: there is no directory no/such/directory",
        ),
        (["resnet18", "-o", "folder.svg"], "folder.svg: is a directory"),
    ],
)
def test_refuses(tmp_path: Path, monkeypatch: Any, capsys: Any, words: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.svg").mkdir()
    assert main(["plot", *words]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.svg"]


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda name: None)
    assert main(["plot", "resnet18", "-o", str(tmp_path / "chart.svg")]) == 2
    assert f"charts need matplotlib: {install_command('plot')}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
