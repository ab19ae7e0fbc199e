"""Gradient flow: held against a module written by hand, and the claims that docs/gradient_flow.md makes."""

from __future__ import annotations

from math import sqrt
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

import archspec
from archspec.analysis.gradient_flow import FlowRun, GradientFlow, flow_layers
from archspec.errors import GradientFlowError
from archspec.runtime.gradient_flow.measure import FlowMeasurement
from archspec.runtime.gradient_flow.request import FlowRequest
from tests.designs import graph_of
from tests.runtime.tiny_specs import AFTER_POOLING, line_of

SPEC = """
input: [3, 8, 8]
stages:
  - conv: {name: first, channels: 4, kernel: 3, bias: true}
  - batch_norm: {name: norm}
  - relu
  - residual:
      body: [{conv: {name: body, channels: 6, kernel: 3, stride: 2, bias: true}}]
      shortcut: [{conv: {name: side, channels: 6, kernel: 1, stride: 2, bias: true}}]
  - relu
head:
  - global_avg_pool
  - linear: {name: last, features: 5}
"""


class ByHand(nn.Module):
    """SPEC, written by hand; remembers what its layers give."""

    def __init__(self, shortcut: bool) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.body, self.last = nn.Conv2d(4, 6, 3, stride=2, padding=1), nn.Linear(6, 5)
        self.side = nn.Conv2d(4, 6, 1, stride=2) if shortcut else None
        self.gave: dict[str, torch.Tensor] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.gave["first"] = self.first(x)
        x = functional.relu(self.norm(self.gave["first"]))
        self.gave["body"] = y = self.body(x)
        if self.side is not None:
            self.gave["side"] = self.side(x)
            y = y + self.gave["side"]
        self.gave["last"] = self.last(functional.relu(y).mean((2, 3)))
        return self.gave["last"]


def by_hand(weights: dict[str, torch.Tensor], shortcut: bool, steps: int, batch: int) -> list[dict[str, list[float]]]:
    """The norms of gradients and outputs before and after the steps."""
    names = {key.rpartition(".")[0]: key.rpartition(".")[0].rpartition(".")[2] for key in weights}
    model = ByHand(shortcut)
    renamed = {f"{names[k.rpartition('.')[0]]}.{k.rpartition('.')[2]}": v.clone() for k, v in weights.items()}
    model.load_state_dict({k: v for k, v in renamed.items() if shortcut or not k.startswith("side")})
    images = torch.randn(batch, 3, 8, 8, generator=torch.Generator().manual_seed(7))
    labels = torch.randint(0, 5, (batch,), generator=torch.Generator().manual_seed(8))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    found = []
    for step in range(steps + 1):
        optimizer.zero_grad()
        functional.cross_entropy(model(images), labels).backward()
        if step in (0, steps):
            layers = ("first", "body", "side", "last") if shortcut else ("first", "body", "last")
            gradients = [float(getattr(model, name).weight.grad.norm()) for name in layers]
            found.append(
                {"gradients": gradients, "outputs": [float(model.gave[name].detach().norm()) for name in layers]}
            )
        optimizer.step()
    return found


def test_equals_a_module_written_by_hand() -> None:
    graph = graph_of(SPEC)
    flow = archspec.gradient_flow(graph, without_shortcuts=True, steps=3, seed=7, batch=4, learning_rate=0.05)
    weights = dict(FlowMeasurement(graph, flow_layers(graph), FlowRequest(seed=7, batch=4)).weights())
    assert [[layer.path.rpartition(".")[2] for layer in run.layers] for run in flow.runs] == [
        ["first", "body", "side", "last"],
        ["first", "body", "last"],
    ]
    assert [(layer.depth, layer.on_shortcut) for layer in flow.runs[0].layers] == [
        (1, False), (2, False), (2, True), (3, False),
    ]  # fmt: skip
    for run in flow.runs:
        for moment, hand in zip(run.moments, by_hand(weights, run.shortcuts, 3, 4), strict=True):
            assert moment.gradients == pytest.approx(hand["gradients"], rel=1e-4)
            assert moment.activations == pytest.approx(hand["outputs"], rel=1e-4)
            assert run.ratio(moment) == pytest.approx(hand["gradients"][0] / hand["gradients"][1], rel=1e-4)


def figures(flow: GradientFlow) -> list[object]:
    return [(run.moments, run.losses) for run in flow.runs]


def test_a_seed_gives_the_same_figures_and_leaves_torchs_own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", lambda seed: pytest.fail(f"{seed} for GPUs that nobody uses"))
    before = torch.get_rng_state()
    one, same, other = (archspec.gradient_flow(graph_of(SPEC), steps=2, seed=seed, batch=4) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert one == same
    assert figures(one) != figures(other)
    assert len(one.runs) == 1


def at_start(flow: GradientFlow) -> tuple[float, float]:
    """The ratio with the shortcuts, and without."""
    ratios = [run.ratio(run.moments[0]) for run in flow.runs]
    assert ratios[0] is not None
    assert ratios[1] is not None
    return ratios[0], ratios[1]


@pytest.mark.parametrize("depth", [50, 110])
def test_with_batch_norm_the_plain_network_explodes(depth: int) -> None:
    flow = archspec.gradient_flow("cifar_resnet", depth=depth, without_shortcuts=True, batch=8)
    with_shortcuts, without = at_start(flow)
    assert without > 50 * with_shortcuts
    assert without > (1e3 if depth == 50 else 1e6)
    assert with_shortcuts < 100
    assert flow.runs[0].params == flow.runs[1].params  # option A: its shortcuts have no parameters


def ends(run: FlowRun, figures: tuple[float | None, ...]) -> tuple[float, float]:
    """The figures of the first and the last convolution."""
    assert run.ends is not None
    first, last = (figures[number] for number in run.ends)
    assert first is not None
    assert last is not None
    return first, last


@pytest.mark.parametrize(("depth", "larger"), [(50, 1e3), (110, 1e8)])
def test_without_batch_norm_the_residual_network_explodes(depth: int, larger: float) -> None:
    """Here the shortcuts make the gradients and activations large; from first to last layer neither ratio runs away."""
    for seed in (0, 1):
        flow = archspec.gradient_flow(
            "cifar_resnet", depth=depth, norm="identity", init="he", without_shortcuts=True, batch=8, seed=seed
        )
        residual, plain = flow.runs
        assert ends(residual, residual.moments[0].gradients)[0] > larger * ends(plain, plain.moments[0].gradients)[0]
        first, last = ends(residual, residual.moments[0].activations)
        assert last > larger / 10 * first
        first, last = ends(plain, plain.moments[0].activations)
        assert last < first
        with_shortcuts, without = at_start(flow)
        assert with_shortcuts < without < 1e3


@pytest.mark.parametrize("scheme", ["he", "xavier", "torch"])
def test_how_weights_start(scheme: str) -> None:
    graph = graph_of(SPEC.replace("channels: 4,", "channels: 64,").replace("channels: 6,", "channels: 128,"))
    tensors = FlowMeasurement(graph, flow_layers(graph), FlowRequest(init=scheme, batch=2)).weights()
    key = next(key for key in tensors if key.endswith("body.weight"))
    weight, bias = tensors[key], tensors[key.replace("weight", "bias")]
    inside, outside = 64 * 9, 128 * 9
    spread = {"he": sqrt(2 / inside), "xavier": sqrt(2 / (inside + outside)), "torch": sqrt(1 / inside / 3)}[scheme]
    assert float(weight.std()) == pytest.approx(spread, rel=0.02)
    if scheme == "torch":
        assert float(weight.abs().max()) <= 1 / sqrt(inside)
        assert 0.8 / sqrt(inside) < float(bias.abs().max()) <= 1 / sqrt(inside)
    else:
        assert not bias.any()


def test_a_layer_used_twice_is_measured_twice() -> None:
    graph = graph_of("""
input: [4, 8, 8]
stages:
  - conv: {name: one, channels: 4, kernel: 3}
  - relu
  - conv: {name: two, channels: 4, kernel: 3, share: one}
""")
    (moment,) = archspec.gradient_flow(graph, batch=2).runs[0].moments
    assert moment.gradients[0] == moment.gradients[1]  # one weight
    assert moment.activations[0] != moment.activations[1]


def test_weights_under_names_of_their_own() -> None:
    """A layer without a module of its own has a gradient all the same."""
    graph = graph_of("""
input: [8, 2, 2]
stages:
  - to_tokens
  - self_attention: {heads: 2}
""")
    run = archspec.gradient_flow(graph, batch=2).runs[0]
    found = {layer.weight.rpartition(".")[2]: number for number, layer in enumerate(run.layers)}
    assert run.moments[0].gradients[found["in_proj_weight"]]
    assert run.moments[0].activations[found["in_proj_weight"]] is None


def test_a_design_that_does_not_run_is_reported_with_its_layer() -> None:
    with pytest.raises(GradientFlowError, match="more than 1 value per channel") as raised:
        archspec.gradient_flow(graph_of(AFTER_POOLING), batch=1)
    assert raised.value.span is not None
    assert raised.value.span.line == line_of(AFTER_POOLING, "batch_norm")
    assert str(raised.value).startswith("net.yaml:")


def test_steps_that_diverge_are_reported() -> None:
    text = SPEC.replace("  - batch_norm: {name: norm}\n", "")
    run = archspec.gradient_flow(graph_of(text), steps=9, batch=4, learning_rate=1e30).runs[0]
    assert run.stopped is not None
    assert run.stopped == len(run.losses) < 9
    assert [moment.step for moment in run.moments] == [0]


def test_figures_that_are_not_finite_are_none() -> None:
    graph = graph_of(
        SPEC.replace(
            "bias: true}\n  - batch_norm", "bias: true, init: {weight: {constant: {value: 3.0e38}}}}\n  - batch_norm"
        )
    )
    run = archspec.gradient_flow(graph, batch=4).runs[0]
    assert run.moments[0].activations[0] is None
    assert run.ratio(run.moments[0]) is None


def test_a_network_without_a_layer_to_look_at() -> None:
    with pytest.raises(GradientFlowError, match="no convolution and no linear layer"):
        archspec.gradient_flow(graph_of("input: [3, 8, 8]\nstages: [relu]\n"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"init": "kaiming"}, "init is one of default, he, xavier, torch"),
        ({"steps": -1}, "steps is a number from 0"),
        ({"learning_rate": 0.0}, "learning_rate is a number above 0"),
        ({"batch": 0}, "batch is a number from 1"),
        ({"device": "tpu"}, "no device 'tpu'"),
        ({"seed": -1}, "seed is a number from 0"),
    ],
)
def test_wrong_arguments(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        archspec.gradient_flow(graph_of(SPEC), **wrong)


def test_it_shows_its_progress() -> None:
    received: list[tuple[str, str]] = []
    archspec.gradient_flow(
        archspec.loads(SPEC),
        without_shortcuts=True,
        batch=2,
        on_progress=lambda stage, layer: received.append((stage, layer)),
    )
    assert received[0] == ("building", "")
    assert {"first", "body"} <= {layer.rpartition(".")[2] for _, layer in received}
    assert any(stage.endswith(", without shortcuts") for stage, _ in received)


def test_outputs_that_depend_on_no_parameter() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - conv: {name: a, channels: 3}\n  - relu: {from: input}\n"
    flow = archspec.gradient_flow(archspec.loads(text), batch=2)
    assert [moment.gradients for moment in flow.runs[0].moments] == [(None,)]
