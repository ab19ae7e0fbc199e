"""Which devices there are: what torch says in this process, found by another."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec


def test_they_are_those_that_torch_finds() -> None:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = ["mps"] if torch.backends.mps.is_available() else []
    assert list(archspec.devices()) == [*(f"cuda:{number}" for number in range(count)), *mps, "cpu"]


def test_a_torch_that_does_not_import_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('libcudart.so is missing')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"libcudart\.so is missing"):
        archspec.devices()
