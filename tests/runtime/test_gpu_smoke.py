"""benchmarks/gpu_smoke.py: what it says without a GPU, and the table that it would write."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

import archspec
from tests.analysis.gallery_inputs import everything
from tests.cli.test_smoke import REPORT

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu_smoke.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    spec = importlib.util.spec_from_file_location("gpu_smoke", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_a_gpu_it_says_so_in_a_line() -> None:
    program = f"import sys, torch; torch.cuda.is_available = bool; sys.path.insert(0, {str(SCRIPT.parent)!r})\n"
    program += "sys.argv = ['gpu_smoke.py']; import gpu_smoke; sys.exit(gpu_smoke.main())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"gpu_smoke.py needs a CUDA device, and torch {torch.__version__} finds none\n"


def test_the_whole_gallery_is_run_in_both_dtypes(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requested: list[tuple[str, str, str, int]] = []

    def smoke(graph: archspec.Graph, *, device: str, batch: int, dtype: str, timeout: float) -> archspec.SmokeReport:
        requested.append((graph.name, graph.variant, dtype, batch))
        fine = (graph.name, dtype) != ("vit", "bfloat16")
        return replace(REPORT, name=graph.name, variant=graph.variant, dtype=dtype, ok=fine,
                       error=None if fine else "no kernel", error_kind=None if fine else "failed")  # fmt: skip

    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\ntext\n", encoding="utf-8")
    monkeypatch.setattr(script, "PAGE", page)
    monkeypatch.setattr(archspec, "smoke", smoke)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setattr(sys, "argv", ["gpu_smoke.py", "--batch", "4", "--spec", "small_resnet", "--spec", "vit"])
    assert script.main() == 1
    capsys.readouterr()
    assert [(name, dtype, batch) for name, _, dtype, batch in requested] == [
        ("small_resnet", "float32", 4),
        ("small_resnet", "bfloat16", 4),
        ("vit", "float32", 4),
        ("vit", "bfloat16", 4),
    ]
    once = page.read_text(encoding="utf-8")
    assert once.startswith("# Benchmarks\n\ntext\n\n<!-- gpu smoke")
    assert "3 of 4 runs are fine. a GPU, batch 4" in once
    assert "in bfloat16: no kernel" in once
    assert {line.count("|") for line in once.splitlines() if line.startswith("|")} == {11}
    assert script.main() == 1
    assert page.read_text(encoding="utf-8") == once


def test_every_variant_has_its_turn(script: ModuleType) -> None:
    listed = list(script.gallery())
    assert len(set(listed)) == len(listed)
    assert {name for name in everything() if ":" in name} < set(listed)
    assert {name.partition(":")[0] for name in listed} == {name.partition(":")[0] for name in everything()}
