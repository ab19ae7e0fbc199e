"""archspec smoke: arguments, words, JSON, tables and exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import archspec
from archspec.cli.main import main
from archspec.cli.smoke_text import render_table, render_text, size
from archspec.diagnostics import Span
from archspec.ir.graph import Graph
from archspec.runtime.smoke.largest import largest
from archspec.runtime.smoke.predicting import predicted_batch, predicted_peak
from archspec.runtime.smoke.report import SmokeReport, Try
from archspec.runtime.smoke.request import SmokeRequest, bytes_of
from tests.designs import graph_of
from tests.runtime.tiny_specs import IMAGES

REPORT = SmokeReport("net", "", True, "cpu", "a CPU", "float32", 8, "sgd", 5, False, False, 0)


@pytest.mark.torch
def test_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(IMAGES)
    words = ["smoke", str(tmp_path / "net.yaml"), "--device", "cpu", "--batch", "2,3", "--steps", "1"]
    assert main([*words, "--format", "json"]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert [(run["ok"], run["batch"], run["finite"], run["error"]) for run in report["runs"]] == [
        (True, 2, True, None),
        (True, 3, True, None),
    ]
    assert printed.err == ""


@pytest.mark.torch
def test_what_is_asked_for_reaches_the_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(IMAGES)
    words = ["--dtype", "bfloat16", "--channels-last", "--optimizer", "adamw", "--batch", "2", "--steps", "1"]
    assert main(["smoke", str(tmp_path / "net.yaml"), "--device", "cpu", *words, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["dtype"], report["channels_last"], report["optimizer"], report["steps"]) == (
        "bfloat16",
        True,
        "adamw",
        1,
    )
    assert report["outputs"]["output"]["dtype"] == "bfloat16"


@pytest.mark.torch
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--device", "tpu"], "there is no device 'tpu'"),
        (["--batch", "many"], "--batch takes a number"),
        (["--batch", "0"], "batch is a number from 1"),
        (["--steps", "0"], "steps is a number of at least 1"),
        (["--timeout", "nan"], "timeout"),
        (["--memory-limit", "much"], "a size is a number of bytes"),
        (["--max-batch", "--device", "cpu"], "needs a memory limit"),
    ],
)
def test_wrong_arguments(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert main(["smoke", "small_resnet", *words, "--format", "json"]) == 2
    assert message in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.torch
def test_a_device_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "small_resnet", "--device", "cuda:99"]) == 2
    assert "cuda:99 is not there" in capsys.readouterr().out


def test_words_say_where_it_failed() -> None:
    failed = replace(REPORT, ok=False, error="no kernel", error_kind="failed", stage="forward", layer="a.b",
                     span=Span("net.yaml", 7, 5, 7, 9))  # fmt: skip
    assert "forward in a.b (net.yaml:7:5): no kernel" in render_text(failed)
    assert "batch 8: forward in a.b (net.yaml:7:5): no kernel" in render_table([REPORT, failed])


def test_sizes_are_read_and_reported() -> None:
    assert [bytes_of(text) for text in ("4GB", "512MiB", "1.5 k", "77")] == [4 * 10**9, 2**29, 1500, 77]
    assert [size(count) for count in (None, 12, 1500, 2_050_000_000)] == ["?", "12 B", "1.46 KiB", "1.91 GiB"]


@pytest.mark.parametrize("device", ["cpu", "auto", "mps"])
@pytest.mark.parametrize("predicted", [None, 0, 1, 90, 100, 5_000])
@pytest.mark.parametrize("most", [1, 2, 100, 3_000])
def test_the_largest_batch_is_found(
    monkeypatch: pytest.MonkeyPatch, device: str, predicted: int | None, most: int
) -> None:
    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        fits = request.batch <= most
        return replace(REPORT, ok=fits, batch=request.batch, error_kind=None if fits else "out_of_memory")

    monkeypatch.setattr("archspec.runtime.smoke.largest.predicted_batch", lambda *_: predicted)
    found = largest(graph_of(IMAGES), SmokeRequest(device=device, memory_limit=9), smoke_once=pretend)
    assert found.ok
    assert len({tried.batch for tried in found.tries}) == len(found.tries)
    assert most - max(1, most // 16) <= found.batch <= most
    assert found.batch == found.largest_batch


def test_no_batch_fits() -> None:
    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        return replace(REPORT, ok=False, batch=request.batch, error_kind="out_of_memory")

    found = largest(graph_of(IMAGES), SmokeRequest(device="cpu", memory_limit=9), smoke_once=pretend)
    assert (found.ok, found.largest_batch, [tried.batch for tried in found.tries]) == (False, None, [2, 1])


@pytest.mark.parametrize(("kind", "largest_one"), [("crash", 100), ("failed", 0)])
def test_near_a_limit_a_crash_is_for_want_of_memory_and_nothing_else_is(kind: str, largest_one: int) -> None:
    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        fits = request.batch <= 100
        return replace(REPORT, ok=fits, batch=request.batch, error_kind=None if fits else kind)

    found = largest(graph_of(IMAGES), SmokeRequest(device="mps", memory_limit=9), smoke_once=pretend)
    assert [tried.batch for tried in found.tries][:7] == [2, 4, 8, 16, 32, 64, 128]
    if largest_one:
        assert found.ok
        assert 94 <= found.batch <= 100
    else:
        assert (found.ok, found.error_kind, found.batch, len(found.tries)) == (False, "failed", 128, 7)


@pytest.mark.parametrize(("most", "needed"), [(18, 17), (18, 3), (160, 130)])
def test_a_full_run_that_needs_more_than_its_try_steps_down(most: int, needed: int) -> None:
    """The report is of the batch that ran, and no larger one is said to fit."""

    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        is_full = request.steps > 1
        fits = request.batch <= (needed if is_full else most)
        kind = None if fits else "out_of_memory"
        return replace(REPORT, ok=fits, batch=request.batch, error_kind=kind, steps=request.steps)

    found = largest(graph_of(IMAGES), SmokeRequest(device="mps", memory_limit=9, steps=5), smoke_once=pretend)
    assert (found.ok, found.steps) == (True, 5)
    assert needed // 4 <= found.batch <= needed
    assert found.largest_batch == found.batch
    assert len({tried.batch for tried in found.tries}) == len(found.tries)
    assert f"largest batch  {found.batch} (" in render_text(found)


def test_no_full_run_fits() -> None:
    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        fits = request.steps == 1 and request.batch <= 18
        return replace(REPORT, ok=fits, batch=request.batch, error_kind=None if fits else "killed")

    found = largest(graph_of(IMAGES), SmokeRequest(device="mps", memory_limit=9, steps=5), smoke_once=pretend)
    assert (found.ok, found.batch, found.error_kind) == (False, 1, "killed")


def test_a_full_run_that_fails_otherwise_is_reported() -> None:
    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        kind = "not_finite" if request.steps > 1 else "out_of_memory" if request.batch > 18 else None
        return replace(REPORT, ok=kind is None, batch=request.batch, error_kind=kind)

    found = largest(graph_of(IMAGES), SmokeRequest(device="mps", memory_limit=9, steps=5), smoke_once=pretend)
    assert (found.ok, found.error_kind) == (False, "not_finite")
    assert found.batch == found.largest_batch


def test_a_full_run_with_parameters_without_gradient_fits() -> None:
    """It is a warning about the design: memory sufficed, for a batch too that no try of the search had."""

    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        fits = request.batch <= (1 if request.steps > 1 else 18)
        return replace(REPORT, ok=False, batch=request.batch, error_kind="no_gradient" if fits else "out_of_memory")

    found = largest(graph_of(IMAGES), SmokeRequest(device="mps", memory_limit=9, steps=5), smoke_once=pretend)
    assert (found.batch, found.error_kind, found.largest_batch) == (1, "no_gradient", 1)
    assert found.tries[-1] == Try(1, True, REPORT.peak_bytes, None)


def test_a_cpu_s_prediction_says_that_it_is_of_tensors_alone() -> None:
    found = replace(REPORT, peak_bytes=2**21, peak_measured="resident", predicted_peak_bytes=2**20)
    found = replace(found, tries=(Try(8, True, 2**21, None),), predicted_batch=9)
    text = render_text(replace(found, device="cpu"))
    assert "(resident); 1.00 MiB predicted for tensors alone: a CPU's kernels and allocator keep more" in text
    assert "(predicted by tensors alone: 9; tried: 8 fits)" in text
    assert "1.00 MiB predicted\n" in render_text(replace(found, device="cuda:0"))


def test_the_search_starts_at_what_is_predicted() -> None:
    """A run that takes exactly what is predicted is tried there first, and a little above."""
    graph, limit = graph_of(IMAGES), 10**6

    def pretend(graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        peak = archspec.memory(graph, batch=request.batch, optimizer="momentum", device="cpu", loss="mse").peak
        return replace(REPORT, ok=peak <= limit, batch=request.batch, error_kind="out_of_memory", peak_bytes=peak)

    found = largest(graph, SmokeRequest(device="cpu", memory_limit=limit), smoke_once=pretend)
    predicted = archspec.largest_batch(graph, memory_limit=limit, optimizer="momentum", device="cpu", loss="mse")
    assert (found.predicted_batch, found.largest_batch, found.tries[0].batch) == (predicted, predicted, predicted)
    assert (
        f"largest batch  {predicted} (predicted by tensors alone: {predicted}; tried: {predicted} fits, "
        in render_text(found)
    )
    assert found.to_dict()["predicted_batch"] == predicted


def test_a_gpu_s_room_is_told_by_the_first_run() -> None:
    batches = []

    def pretend(_graph: Graph, request: SmokeRequest, _listen: object) -> SmokeReport:
        batches.append(request.batch)
        return replace(REPORT, device="cuda:0", device_bytes=2 * 10**9, batch=request.batch)

    graph = graph_of(IMAGES)
    largest(graph, SmokeRequest(device="auto"), smoke_once=pretend)
    assert batches[:2] == [2, archspec.largest_batch(graph, memory_limit=2 * 10**9, optimizer="momentum", loss="mse")]


@pytest.mark.torch
def test_the_predicted_peak_stands_next_to_the_measured_one() -> None:
    graph = graph_of(IMAGES)
    report = archspec.smoke(graph, device="cpu", batch=3, steps=1, optimizer="adamw")
    predicted = archspec.memory(graph, batch=3, optimizer="adamw", device="cpu", loss="mse").peak
    with_momentum = archspec.memory(graph, batch=8, optimizer="momentum", loss="mse").peak
    assert predicted_peak(graph, SmokeRequest(optimizer="sgd"), "cuda:1") == with_momentum
    assert report.predicted_peak_bytes == report.to_dict()["predicted_peak_bytes"] == predicted
    assert f"; {size(predicted)} predicted" in render_text(report)
    assert size(predicted) in render_table([report, report])
    assert "peak memory    3.00 MiB predicted" in render_text(replace(REPORT, predicted_peak_bytes=3 * 2**20))


def test_nothing_is_predicted_of_an_apple_gpu() -> None:
    assert predicted_peak(graph_of(IMAGES), SmokeRequest(device="mps"), "mps") is None
    assert predicted_batch(graph_of(IMAGES), SmokeRequest(device="mps"), "mps", 10**9) is None
