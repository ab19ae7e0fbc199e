"""benchmarks/gpu_memory.py without a GPU: what it predicts, how it counts errors, and that it says what it lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import torch

import archspec
from tests import designs
from tests.backends.small_networks import FAMILIES

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "gpu_memory.py"


@pytest.fixture(scope="module")
def script() -> Any:
    spec = spec_from_file_location("gpu_memory", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_there_are_enough_designs_and_all_are_of_the_gallery(script: Any) -> None:
    assert len(set(script.DESIGNS)) >= 30
    assert (len(script.BATCHES), len(script.DTYPES)) == (3, 2)
    for design in script.DESIGNS:
        name, _, variant = design.partition(":")
        archspec.load(name, variant or None)


def test_each_case_is_predicted_for_a_gpu(script: Any) -> None:
    cases = list(script.predictions(["guest_net"], (4, 8), script.DTYPES))
    assert [(case.batch, case.dtype) for case in cases] == [
        (4, "float32"), (4, "bfloat16"), (8, "float32"), (8, "bfloat16")
    ]  # fmt: skip
    graph = designs.graph("guest_net")
    found = archspec.memory(graph, batch=8, dtype="bfloat16", optimizer=script.OPTIMIZER)
    assert cases[-1].predicted == found.peak


def test_errors(script: Any) -> None:
    cases = [script.Case("net", 1, "float32", 100 + error, 100) for error in (-50, *range(19))]
    found = script.errors_of([*cases, script.Case("net", 1, "float32", 100, None, "out of memory")])
    assert found == script.Errors(20, pytest.approx(0.095), pytest.approx(0.18), 1 / 20)
    assert script.in_words(found) == (
        "20 cases: median error 9.5 %, 95th percentile 18.0 %, too little predicted in 5 %"
    )
    assert script.errors_of(cases[:0]) is None
    assert script.in_words(None) == "nothing was measured"


def test_what_is_printed(script: Any) -> None:
    cases = [
        script.Case("a", 8, "float32", 2**30, 2**29),
        script.Case("b", 8, "bfloat16", 2**20, None, "out of memory"),
    ]
    assert script.table(cases).splitlines()[2:] == [
        "| a | 8 | float32 | 1,024 MiB | 512 MiB | +100.0 % |",
        "| b | 8 | bfloat16 | 1 MiB | out of memory |  |",
    ]
    data = json.loads(json.dumps(script.as_dict(cases, "a GPU")))
    assert (data["errors"]["cases"], data["errors"]["under_estimates"]) == (1, 0)
    assert [case["error"] for case in data["cases"]] == [1.0, None]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_step_trains(script: Any, dtype: str) -> None:
    model = archspec.build(FAMILIES["guest_net"].load(), seed=0)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    script.train(model, (FAMILIES["guest_net"].samples(),), optimizer, "cpu", dtype)
    assert any(bool((a != b).any()) for a, b in zip(before, model.parameters(), strict=True))


def test_without_a_gpu_it_says_so_in_a_line() -> None:
    found = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.splitlines() == [f"gpu_memory.py needs a CUDA GPU: torch {torch.__version__} finds none"]


def test_make_bench_leaves_it_out() -> None:
    assert not SCRIPT.name.startswith("bench_")
    assert "benchmarks/bench_*.py" in (SCRIPT.parents[1] / "Makefile").read_text()
