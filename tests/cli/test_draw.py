"""archspec draw: the format by suffix, files replaced at once, broken designs, wrong arguments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archspec.cli.main import main


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("dot", b"digraph"),
        ("mmd", b"flowchart"),
        ("json", b"{"),
        ("html", b"<!DOCTYPE html>"),
        ("SVG", b"<?xml"),
    ],
)
def test_the_suffix_says_the_format(tmp_path: Path, suffix: str, start: bytes) -> None:
    file = tmp_path / f"net.{suffix}"
    assert main(["draw", "resnet", "--variant", "resnet18", "--level", "stage", "-o", str(file)]) == 0
    assert file.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_overrides_and_levels(tmp_path: Path) -> None:
    file = tmp_path / "net.json"
    words = ["--set", "depths=[1,1,1,1]", "--input", "3x64x64", "--level", "block", "--direction", "right"]
    assert main(["draw", "resnet50", *words, "-o", str(file)]) == 0
    read = json.loads(file.read_text())
    assert [node["id"] for node in read["nodes"]][1:4] == ["conv1", "layer1.0", "layer2.0"]
    assert read["edges"][0]["shape"] == "3×64×64"


def test_a_file_is_replaced_through_links_with_its_permissions(tmp_path: Path) -> None:
    file, link = tmp_path / "net.mmd", tmp_path / "link.mmd"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    assert main(["draw", "small_resnet", "-o", str(link)]) == 0
    assert link.is_symlink()
    assert file.read_text().startswith("flowchart")
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_broken_design_is_drawn_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, file = tmp_path / "broken.yaml", tmp_path / "broken.svg"
    spec.write_text("name: b\ninput: [3, 8, 8]\nstages:\n  - conv: {channels: 4, groups: 2}\n  - relu\n")
    assert main(["draw", str(spec), "--level", "op", "-o", str(file)]) == 1
    assert "CNV001" in capsys.readouterr().err
    assert "fails: CNV001" in file.read_text()


@pytest.mark.parametrize("name", ["net.gif", "net", "svg"])
def test_another_suffix_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["draw", "small_resnet", "-o", str(tmp_path / name)]) == 2
    assert "the suffix says the format" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "small_resnet", "-o", str(tmp_path / "no" / "net.mmd")]) == 2
    assert f"there is no directory {tmp_path / 'no'}" in capsys.readouterr().err
    (tmp_path / "folder.mmd").mkdir()
    assert main(["draw", "small_resnet", "-o", str(tmp_path / "folder.mmd")]) == 2
    assert "is a directory" in capsys.readouterr().err


def test_opening_and_colour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.dot"
    assert main(["draw", "resnet50", "--open", "layer2.0", "--color", "params", "-o", str(file)]) == 0
    assert '"layer2.0.conv1"' in file.read_text()
    assert " params" in file.read_text()
    assert main(["draw", "resnet50", "--open", "layr2.0", "-o", str(file)]) == 2
    assert "layer2.0" in capsys.readouterr().err


def test_a_time_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.svg"
    words = ["draw", "cifar_resnet", "--set", "depth=602", "--level", "op", "-o", str(file), "--time-limit"]
    assert main([*words, "0.05"]) == 2
    assert "the layout took longer than 0.05 s" in capsys.readouterr().err
    assert not file.exists()
    for wrong in ("0", "-1", "nan", "soon"):
        assert main([*words, wrong]) == 2
        assert "is no number of seconds above 0" in capsys.readouterr().err
