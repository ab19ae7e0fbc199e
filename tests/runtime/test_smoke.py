"""A smoke run of designs that work: what it finds out is what torch says by itself."""

from __future__ import annotations

import pickle

import pytest
import torch

import archspec
from archspec.backends.torch.samples import random_inputs
from archspec.cli.smoke_text import render_table, render_text
from archspec.runtime.collector import span_of
from archspec.runtime.layer_hooks import LayerMonitor
from archspec.runtime.smoke.largest import largest
from archspec.runtime.smoke.request import SmokeRequest
from archspec.runtime.smoke.smoke_run import SmokeCollector
from archspec.runtime.smoke.smoke_worker import SmokeWorker
from tests import designs
from tests.designs import graph_of
from tests.narrow import present
from tests.runtime.tiny_specs import IMAGES, workers

SEVERAL = """
name: two
inputs:
  words: {shape: [6], kind: ids, range: 11}
  seen: {shape: [6, 6], kind: mask}
  extra: [4]
stages:
  - embedding: {features: 8, from: words, name: rows}
  - layer_norm: {name: x}
  - attention: {heads: 2, from: {q: x, k: x, v: x, mask: seen}}
  - linear: {features: 3, name: scores}
  - linear: {features: 2, from: extra, name: other}
outputs: {scores: scores, other: other}
"""
STEADY = IMAGES.replace("dropout: 0.5", "identity")  # what dropout takes follows the order of memory
UNUSED = """stages:
  - conv: {channels: 4, kernel: 1, bias: true, name: unused}
  - identity: {from: input}
"""


def collected(graph: archspec.Graph, **options: object) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Return the facts of a run in this process, and all its messages."""
    said: list[dict[str, object]] = []
    monitor = LayerMonitor(graph, lambda layer, direction: said.append({"layer": layer, "direction": direction}))
    SmokeWorker(graph, SmokeRequest(device="cpu", batch=2, steps=1, **options), said.append, monitor).run()  # type: ignore[arg-type]
    facts: dict[str, object] = {}
    for message in said:
        facts.update(message.get("facts", {}))  # type: ignore[call-overload]
    return facts, said


def test_a_run_in_a_process_of_its_own() -> None:
    report = archspec.smoke(graph_of(IMAGES), device="cpu", batch=3, steps=2, optimizer="adamw", seed=5)
    assert report, report.error
    assert (report.device, report.dtype, report.batch, report.error) == ("cpu", "float32", 3, None)
    assert report.forward_ms is not None
    assert report.forward_ms > 0
    assert report.step_ms is not None
    assert report.samples_per_second == pytest.approx(3_000 / report.step_ms)
    assert report.peak_bytes is not None
    assert "resident" in str(report.peak_measured)
    assert (report.finite, report.deterministic, report.without_gradient) == (True, True, ())
    assert report.outputs == {"output": {"shape": [3, 5], "dtype": "float32"}}
    assert report.train_eval_difference is not None
    assert report.train_eval_difference > 0
    model = archspec.build(archspec.loads(IMAGES), seed=5)
    (inputs,) = random_inputs(graph_of(IMAGES), 3, "cpu", 5)
    target = torch.randn((3, 5), generator=torch.Generator().manual_seed(6))
    with torch.random.fork_rng():
        torch.manual_seed(5)
        expected = ((model(inputs) - target) ** 2).mean()
    assert report.loss == pytest.approx(float(expected.detach()), rel=1e-5)
    assert not workers()


def test_the_dict_has_what_is_promised() -> None:
    promised = {"ok", "device", "dtype", "batch", "forward_ms", "step_ms", "samples_per_second", "peak_bytes",
                "predicted_peak_bytes", "loss", "finite", "without_gradient", "error"}  # fmt: skip
    report = archspec.smoke(graph_of(IMAGES), device="cuda:99", batch=1)
    assert promised <= set(report.to_dict())
    assert report.error_kind == "device"
    assert "cuda:99 is not there" in str(report.error)


def test_several_inputs_and_outputs() -> None:
    facts, _ = collected(graph_of(SEVERAL), again=True)
    assert facts["outputs"] == {
        "scores": {"shape": [2, 6, 3], "dtype": "float32"},
        "other": {"shape": [2, 2], "dtype": "float32"},
    }
    assert facts["without_gradient"] == []
    assert facts["deterministic"] is True


def test_samples_are_of_their_kind() -> None:
    words, seen, extra = random_inputs(graph_of(SEVERAL), 64, "cpu", 0)
    assert words.dtype == torch.int64
    assert set(words.flatten().tolist()) == set(range(11))
    assert seen.dtype == torch.bool
    assert 0.4 < seen[..., 1:].float().mean() < 0.6
    assert bool(seen[..., 0].all())
    assert extra.shape == (64, 4)


def test_channels_last_is_how_every_convolution_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    forward, orders = torch.nn.Conv2d.forward, []

    def look(self: torch.nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
        orders.append(tuple(t.is_contiguous(memory_format=torch.channels_last) for t in (x, self.weight)))
        return forward(self, x)

    monkeypatch.setattr(torch.nn.Conv2d, "forward", look)
    plain, _ = collected(graph_of(STEADY))
    assert set(orders) == {(False, False)}
    orders.clear()
    facts, _ = collected(graph_of(STEADY), channels_last=True)
    assert set(orders) == {(True, True)}
    assert facts["loss"] == pytest.approx(plain["loss"], rel=1e-5)
    assert facts["deterministic"] is True


@pytest.mark.parametrize("channels_last", [False, True])
def test_bfloat16_of_pictures(channels_last: bool) -> None:
    plain, _ = collected(graph_of(STEADY))
    facts, _ = collected(graph_of(STEADY), dtype="bfloat16", channels_last=channels_last)
    assert facts["outputs"] == {"output": {"shape": [2, 5], "dtype": "bfloat16"}}
    assert facts["finite"] is True
    assert facts["loss"] != plain["loss"]
    assert facts["loss"] == pytest.approx(plain["loss"], rel=0.05)


def test_bfloat16_of_tokens() -> None:
    facts, _ = collected(graph_of(SEVERAL), dtype="bfloat16", channels_last=True)
    assert facts["outputs"] == {
        "scores": {"shape": [2, 6, 3], "dtype": "bfloat16"},
        "other": {"shape": [2, 2], "dtype": "bfloat16"},
    }
    assert (facts["finite"], facts["without_gradient"]) == (True, [])


def test_a_parameter_that_gets_no_gradient() -> None:
    text = IMAGES.replace("stages:\n", UNUSED)
    facts, _ = collected(graph_of(text), again=False)
    assert facts["without_gradient"] == ["unused.weight", "unused.bias"]


def test_a_run_with_parameters_without_a_gradient_is_not_ok() -> None:
    graph = graph_of(IMAGES.replace("stages:\n", UNUSED))
    request = SmokeRequest(device="cpu", batch=2, steps=1, again=False)
    collector = SmokeCollector(graph, request)
    monitor = LayerMonitor(graph, lambda layer, direction: None)
    collector.collect(lambda take: SmokeWorker(graph, request, take, monitor).run())
    report = collector.report()
    assert not report
    assert (report.ok, report.completed, report.error_kind) == (False, True, "no_gradient")
    assert report.error == "2 parameters get no gradient, and so will not learn"
    assert report.step_ms  # the run went on to its end
    line = IMAGES.replace("stages:\n", UNUSED).split("\n").index(UNUSED.split("\n")[1]) + 1
    assert [present(span).line for span in report.without_gradient_spans] == [line, line]
    assert (report.layer, present(report.span).line) == ("unused", line)
    plain = report.to_dict()
    assert plain["without_gradient"] == ["unused.weight", "unused.bias"]
    assert plain["without_gradient_places"] == [str(report.span)] * 2
    text = render_text(report)
    assert text.startswith("warning: ")
    assert f"no gradient    unused.weight, unused.bias ({report.span})" in text
    assert render_table([report, report]).count("no gradient") == 4  # in both rows, and in the lines below


def test_no_output_depends_on_a_parameter() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - conv: {name: a, channels: 3}\n  - relu: {from: input}\n"
    facts, _ = collected(graph_of(text), again=True)
    assert facts["without_gradient"] == ["a.weight", "a.bias"]
    assert facts["step_ms"]
    assert facts["deterministic"] is True


def test_a_batch_fits_although_parameters_get_no_gradient() -> None:
    def smoke_once(_graph: object, request: SmokeRequest, _progress: object) -> archspec.SmokeReport:
        kind = "no_gradient" if request.batch <= 5 else "out_of_memory"
        return archspec.SmokeReport(
            name="net", variant="", ok=False, device="cpu", device_name=None, dtype="float32", batch=request.batch,
            optimizer="sgd", steps=1, compile=False, channels_last=False, seed=0, error=kind, error_kind=kind,
        )  # fmt: skip

    found = largest(graph_of(IMAGES), SmokeRequest(device="cpu", memory_limit=10**5), None, smoke_once)
    assert (found.largest_batch, found.error_kind) == (5, "no_gradient")
    assert {tried.error_kind for tried in found.tries if tried.ok} == {None}


def test_a_network_without_parameters_is_not_trained() -> None:
    facts, _ = collected(graph_of("input: [3, 8, 8]\nstages:\n  - relu\nhead:\n  - global_avg_pool\n"))
    assert "step_ms" not in facts
    assert facts["forward_ms"]


def test_every_layer_is_reported_on_the_way_in_and_out() -> None:
    graph = graph_of(IMAGES)
    _, said = collected(graph, again=False)
    steps = [m for m in said if "layer" in m]
    forward = [m["layer"] for m in steps if m["direction"] == "forward"]
    backward = [m["layer"] for m in steps if m["direction"] == "backward"]
    half = len(forward) // 2
    assert forward[:half] == forward[half:]  # evaluation, then training
    assert backward == forward[half:][::-1]
    assert all(span_of(graph, str(path)) for path in forward)


def test_a_graph_goes_to_another_process_whole() -> None:
    graph = designs.graph("densenet201")
    assert archspec.to_json(pickle.loads(pickle.dumps(graph))) == archspec.to_json(graph)
