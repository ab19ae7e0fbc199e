"""archspec latency and archspec calibrate: text, JSON, wrong arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import archspec
from archspec.cli.main import main
from archspec.runtime.calibrate import calibrate
from tests import designs
from tests.analysis.latency.round_device import PROFILE
from tests.runtime.test_calibrate import TINY


def test_text_has_rows_totals_and_what_ops_are_bound_by(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", "resnet18", "--batch", "8", "--training", "--level", "block"]) == 0
    text = capsys.readouterr().out
    found = archspec.latency(designs.graph("resnet18"), batch=8, training=True, level="block")
    assert "resnet:resnet18   training step, batch 8, float32, on NVIDIA H100" in text
    lines = text.splitlines()
    assert all(any(line.startswith(f"{row.path} ") for line in lines) for row in found.rows)
    assert f"{found.samples_per_second:,.0f} samples a second" in text
    assert f"{found.bound_by('launch')[0]} ops by launch" in text
    assert "nothing is fused" in text


def test_json_is_the_prediction(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(PROFILE)
    assert main(["latency", "guest_net", "--device", str(path), "--dtype", "float16", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    graph = designs.graph("guest_net")
    assert printed == archspec.latency(graph, device=str(path), dtype="float16").to_dict()
    assert printed["device"] == "a device for tests"
    assert printed["forward_ms"] == pytest.approx(sum(row["forward_ms"] for row in printed["rows"]))
    assert printed["step_ms"] is None
    assert printed["samples_per_second"] == pytest.approx(1e3 / printed["forward_ms"])


def test_wrong_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", "guest_net", "--device", "h10"]) == 2
    assert "did you mean h100?" in capsys.readouterr().err
    assert main(["latency", "guest_net", "--batch", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err
    assert main(["latency", "guest_net", "--device", "laptop", "--dtype", "bfloat16"]) == 2
    assert "no figure for bfloat16" in capsys.readouterr().err
    assert main(["latency", "guest_net", "--dtype", "int8"]) == 2
    assert main(["latency", "guest_net", "--device", "./nowhere.yaml"]) == 2


def test_a_wrong_profile_is_reported_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(PROFILE.replace("matmul: 0.5", "matmul: 5"))
    assert main(["latency", "guest_net", "--device", str(path)]) == 1
    assert "mine.yaml:5:11" in capsys.readouterr().err


def test_latency_needs_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["latency", "guest_net"]) == 0


def test_calibrate_writes_a_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "plan_for", lambda kind, quick: TINY)
    path = tmp_path / "mine.yaml"
    assert main(["calibrate", "--device", "cpu", "--quick", "-o", str(path), "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["output"] == str(path)
    assert printed["teraflops_float32"] == archspec.load_profile(str(path)).peak_teraflops.float32
    assert [item.name for item in tmp_path.iterdir()] == ["mine.yaml"]
    assert main(["latency", "guest_net", "--device", str(path)]) == 0
    assert main(["calibrate", "--device", "cpu", "-o", str(path)]) == 0
    assert "gigabytes_per_second" in capsys.readouterr().out


def test_calibrate_refuses_what_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "mine.yaml")
    assert main(["calibrate", "-o", str(tmp_path / "mine.txt")]) == 2
    assert "one of .yaml, .yml" in capsys.readouterr().err
    assert main(["calibrate", "--device", "tpu", "-o", path]) == 2
    assert "there is no device 'tpu'" in capsys.readouterr().err
    assert main(["calibrate", "--device", "cuda:99", "-o", path]) == 2
    assert "cuda:99 is not there" in capsys.readouterr().err
    monkeypatch.setattr(calibrate, "plan_for", lambda kind, quick: TINY)
    assert main(["calibrate", "--device", "cpu", "-o", str(tmp_path / "no" / "mine.yaml")]) == 2
    assert not (tmp_path / "no").exists()
