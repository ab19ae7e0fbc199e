"""Measuring a device: the profile loads again, and says what a device of known speed would have."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

import archspec
from archspec.analysis.latency.profile import WORK
from archspec.analysis.latency.profiles import load_profile, parse_profile
from archspec.ir.op import WorkKind
from archspec.runtime.calibrate import calibrate
from archspec.runtime.calibrate.calibrate import measured
from archspec.runtime.calibrate.clock import seconds_of
from archspec.runtime.calibrate.plan import CalibrationPlan, WorkloadShape, plan_for
from archspec.runtime.calibrate.workloads import Workload, workload
from archspec.runtime.calibrate.writing import Measurements, profile_text
from tests import designs

TINY = CalibrationPlan(
    seconds=0.2,
    batch=2,
    shapes={
        "matmul": ((4, 8, 8),),
        "convolution": ((4, 4, 8, 3, 1),),
        "pointwise": ((4, 4, 8, 1, 1),),
        "grouped": ((4, 4, 8, 3, 2),),
        "depthwise": ((4, 4, 8, 3, 4),),
        "attention": ((2, 4, 8),),
    },
    caches=(0.01, 0.1),
    memory=0.5,
    elements=56 * 56,
)


def test_what_is_measured_is_a_profile_that_predicts(tmp_path: Path) -> None:
    progress: list[tuple[int, int, str]] = []
    found = measured("cpu", on_progress=lambda *what: progress.append(what), plan=TINY)
    path = tmp_path / "mine.yaml"
    path.write_text(found.text)
    profile = load_profile(str(path))
    assert all(profile.flops(work, "float32") > 0 for work in WORK)
    assert not profile.launch.overlaps
    assert archspec.latency(designs.graph("guest_net"), device=str(path)).forward_ms > 0
    assert [done for done, _, _ in progress] == list(range(progress[0][1]))
    assert f"torch {torch.__version__}" in profile.source


def test_rates_and_launches_are_those_of_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock by which everything takes 100 µs, every figure follows."""
    monkeypatch.setattr(calibrate, "seconds_of", lambda run, device, allowed: 1e-4)
    profile = measured("cpu", plan=TINY).profile
    assert profile.launch.microseconds == pytest.approx(100)
    # What is left of 100 µs after the launch is never less than a tenth.
    assert profile.flops("matmul", "float32") == pytest.approx(2 * 2 * 4 * 8 * 8 / 1e-5, rel=1e-3)
    assert profile.flops("depthwise", "float32") == pytest.approx(2 * 2 * 4 * 64 * 9 / 1e-5, rel=1e-3)
    assert profile.flops("attention", "float16") == pytest.approx(4 * 2 * 2 * 16 * 8 / 1e-5, rel=1e-3)
    assert profile.memory.gigabytes_per_second == pytest.approx(0.5 * 2**20 / 1e-5 / 1e9, rel=1e-3)
    assert profile.backward_factor("convolution") == pytest.approx(0.05)  # the gradients take no time
    assert profile.memory.caches == ()  # by this clock they are no faster than the memory


def test_a_type_that_torch_cannot_do_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(
        work: WorkKind, shape: WorkloadShape, batch: int, device: torch.device, dtype: torch.dtype
    ) -> Workload:
        if dtype == torch.float16:
            raise RuntimeError("not implemented for 'Half'")
        return workload(work, shape, batch, device, dtype)

    monkeypatch.setattr(calibrate, "workload", refusing)
    profile = measured("cpu", plan=TINY).profile
    assert profile.peak_teraflops.float16 is None
    with pytest.raises(ValueError, match="no figure for float16"):
        profile.flops("matmul", "float16")


def test_the_plans() -> None:
    whole, quick, gpu = plan_for("cpu", False), plan_for("cpu", True), plan_for("cuda", True)
    assert quick.rates == len(WORK) < whole.rates
    assert gpu.rates == 3 * len(WORK)


def test_a_piece_of_work_is_timed_within_its_time() -> None:
    calls: list[None] = []
    assert seconds_of(lambda: calls.append(None), torch.device("cpu"), 0.01) < 0.01
    assert len(calls) > 3


def test_names_that_no_device_has() -> None:
    with pytest.raises(ValueError, match="there is no device 'tpu'"):
        archspec.calibrate("tpu")


@pytest.mark.parametrize("name", ["NVIDIA H200", "Radeon™ 🙂", 'a "quoted" #1: \\', "null", "12", "tab\tand\u2028line"])
def test_any_name_of_a_device_is_read_back(name: str) -> None:
    figures = Measurements(
        name=name,
        torch="2.13.0+cpu",
        rates={work: {"float32": 1e12} for work in WORK},
        backward={},
        elementwise=1e11,
        pooling=1e11,
        bandwidth=1e11,
        caches=(),
        launch=1e-6,
        launch_convolution=1e-6,
        overlaps=False,
    )
    text = profile_text(figures)
    profile = parse_profile(text, "device.yaml")
    assert (profile.name, profile.source) == (name, "archspec calibrate, torch 2.13.0+cpu")
    assert yaml.safe_load(text)["name"] == name
