"""Faults of a design that runs or that torch refuses are reported with the layer; here without a process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import archspec
from archspec.backends.torch.out_of_memory import is_out_of_memory
from archspec.runtime.perform import perform
from archspec.runtime.smoke.report import SmokeReport
from archspec.runtime.smoke.request import SmokeRequest
from archspec.runtime.smoke.smoke_run import SmokeCollector
from tests.designs import graph_of
from tests.narrow import present
from tests.runtime.tiny_specs import AFTER_POOLING, IMAGES, line_of

RELU = line_of(IMAGES, "relu")


def report_of(graph: archspec.Graph, batch: int = 2) -> SmokeReport:
    collector = SmokeCollector(graph, SmokeRequest(device="cpu", batch=batch, steps=1))
    with torch.random.fork_rng():
        collector.collect(lambda report: perform(graph, collector.request, report))
    return collector.report()


def relu(monkeypatch: pytest.MonkeyPatch, forward: Callable[[torch.Tensor], torch.Tensor]) -> None:
    monkeypatch.setattr(torch.nn.ReLU, "forward", lambda self, x: forward(x))


def raising(error: Exception) -> Callable[..., torch.Tensor]:
    def forward(*_: object, **__: object) -> torch.Tensor:
        raise error

    return forward


def test_what_torch_refuses_in_training() -> None:
    report = report_of(graph_of(AFTER_POOLING), batch=1)
    assert (report.ok, report.error_kind, report.stage) == (False, "failed", "training step")
    assert "more than 1 value per channel" in present(report.error)
    assert (present(report.span).file, present(report.span).line) == ("net.yaml", line_of(AFTER_POOLING, "batch_norm"))
    assert report.outputs  # what was found out before


def test_an_exception_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    relu(monkeypatch, raising(NotImplementedError("no kernel\nmore")))
    report = report_of(graph_of(IMAGES))
    assert (report.error_kind, report.error, present(report.span).line) == ("failed", "no kernel", RELU)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes")])
def test_no_more_memory(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    relu(monkeypatch, raising(error))
    report = report_of(graph_of(IMAGES))
    assert (report.error_kind, present(report.span).line) == ("out_of_memory", RELU)


def test_an_op_without_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "input: [4, 8, 8]\nstages:\n  - conv: {channels: 4, kernel: 1}\n  - mean: {axis: channel, keep: true}\n"
    monkeypatch.setattr(torch.Tensor, "mean", raising(ValueError("x")))
    monkeypatch.setattr(torch, "mean", raising(ValueError("x")))
    report = report_of(graph_of(text))
    assert (report.error, present(report.span).line) == ("x", line_of(text, "mean"))


def test_numbers_that_are_not_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    relu(monkeypatch, lambda x: x / 0)
    report = report_of(graph_of(IMAGES))
    assert (report.error_kind, report.finite, present(report.span).line) == ("not_finite", False, RELU)


def test_a_gradient_that_is_not_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    relu(monkeypatch, lambda x: (x * 0).sqrt())
    report = report_of(graph_of(IMAGES))
    assert (report.error_kind, report.finite) == ("not_finite", False)
    assert "the gradient of" in present(report.error)


def test_an_output_of_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.Linear, "forward", lambda self, x: x[:, :2])
    report = report_of(graph_of(IMAGES))
    assert report.error_kind == "output"
    assert "has shape [2, 2], the graph says [2, 5]" in present(report.error)


def test_an_output_of_another_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.Linear, "forward", lambda self, x: x[:, [0, 1, 2, 3, 0]].double())
    report = report_of(graph_of(IMAGES))
    assert "float64" in present(report.error)


def test_what_differs_from_run_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(100))
    relu(monkeypatch, lambda x: x * (1 + next(calls)))
    report = report_of(graph_of(IMAGES))
    assert (report.ok, report.deterministic) == (True, False)


@pytest.mark.parametrize(
    ("message", "lacks"),
    [
        ("could not create a primitive", True),
        ("could not execute a primitive", True),
        ("could not create a primitive descriptor for a convolution forward propagation primitive", False),
    ],
)
def test_onednn_s_errors_without_a_reason_are_for_memory(message: str, lacks: bool) -> None:
    """Near a limit its convolutions fail so, and the search for the largest batch goes on below."""
    assert is_out_of_memory(RuntimeError(message)) == lacks
