"""archspec memory: text, JSON, wrong arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import archspec
from archspec.analysis.memory.losses import Loss
from archspec.cli.main import main
from tests import designs
from tests.cli.command_line import runner


def test_text_has_the_parts_the_peak_and_the_largest_batches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "resnet18", "--batch", "8", "--optimizer", "adamw"]) == 0
    text = capsys.readouterr().out
    found = archspec.memory(designs.graph("resnet18"), batch=8, optimizer="adamw")
    assert "resnet:resnet18   batch 8, float32, adamw, gpu" in text
    assert f"{found.peak / 2**20:,.1f} MiB" in text
    assert f"{found.peak_phase} of {found.peak_path}" in text
    assert "in 24 GB" in text
    assert "in 80 GB" in text


def test_timeline_shows_every_op(capsys: pytest.CaptureFixture[str]) -> None:
    main(["memory", "guest_net", "--timeline"])
    text = capsys.readouterr().out
    found = archspec.memory(designs.graph("guest_net"), batch=32, optimizer="momentum")
    lines = [line for line in text.splitlines() if line.startswith("  █")]
    assert [line.rpartition(" of ")[2] for line in lines[:-1]] == [moment.path for moment in found.timeline[:-1]]


def test_json_is_the_prediction(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "guest_net", "--batch", "4", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    graph = designs.graph("guest_net")
    cards = printed.pop("largest_batch")
    assert printed == archspec.memory(graph, batch=4, optimizer="momentum").to_dict()
    assert cards["24GB"] == archspec.largest_batch(graph, memory_limit=24 * 10**9, optimizer="momentum")
    assert cards["24GB"] < cards["40GB"] < cards["80GB"]


MANY_OUTPUTS = """input: [3, 32, 32]
stages:
  - conv: {name: stem, channels: 16}
  - conv: {name: map, channels: 64, from: stem}
  - conv: {name: deep, channels: 40, from: stem}
head: [global_avg_pool, {linear: {name: scores, features: 1000}}]
outputs: {map: map, deep: deep, scores: scores}
"""


def test_the_loss_is_the_one_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(MANY_OUTPUTS)
    command, graph = runner(capsys, "memory", str(path)), archspec.lower(archspec.load(path))
    peaks = []
    cases: tuple[tuple[Loss, list[str]], ...] = (("cross_entropy", ["--loss", "cross_entropy"]), ("mean_square", []))
    for loss, words in cases:
        code, out, err = command(*words, "--format", "json")
        assert (code, err) == (0, "")
        printed = json.loads(out)
        largest = printed.pop("largest_batch")["24GB"]
        assert printed == archspec.memory(graph, batch=32, optimizer="momentum", loss=loss).to_dict()
        assert largest == archspec.largest_batch(graph, memory_limit=24 * 10**9, optimizer="momentum", loss=loss)
        peaks.append((printed["peak_bytes"], largest))
    assert all(named != default for named, default in zip(*peaks, strict=True))
    code, out, err = command("--loss", "hinge")
    assert (code, out) == (2, "")
    assert "invalid choice: 'hinge'" in err


def test_wrong_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "guest_net", "--batch", "0"]) == 2
    assert "at least one sample" in capsys.readouterr().err
    assert main(["memory", "guest_net", "--optimizer", "lion"]) == 2
    assert main(["memory", "guest_net", "--checkpoint", "layer9"]) == 2
    assert "matches no block" in capsys.readouterr().err


def test_checkpoint_makes_room_for_more(capsys: pytest.CaptureFixture[str]) -> None:
    kept = []
    for more in ([], ["--checkpoint", "all"]):
        main(["memory", "resnet18", "--format", "json", *more])
        printed = json.loads(capsys.readouterr().out)
        kept.append((printed["saved_bytes"], printed["peak_bytes"], -printed["largest_batch"]["24GB"]))
    assert all(again < once for once, again in zip(*kept, strict=True))


def test_a_broken_design_is_reported_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("input: [3, 8, 8]\nhead:\n  - conv: {channels: 4, kernel: 99, padding: 0}\n")
    assert main(["memory", str(path)]) == 1
    assert "broken.yaml:3" in "".join(capsys.readouterr())


def test_needs_no_torch(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["memory", "guest_net", "--batch", "1"]) == 0
