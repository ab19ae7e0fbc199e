"""The predicted peak, its parts and its timeline, against torch's MemTracker and against what must hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest

import archspec
from archspec.analysis.memory.forward_trace import trace_forward
from archspec.analysis.memory.liveness import Liveness
from archspec.analysis.memory.losses import Loss
from tests import designs
from tests.analysis.memory.peak_designs import NETWORKS, ONE_OP, OUTPUTS, STEPS, Step
from tests.analysis.memory.tracked_peak import tracked_peak
from tests.backends.small_networks import FAMILIES, small_graph

LONG = {"convnext", "googlenet", "se_resnet50", "vit"}  # not repeated with AdamW: a minute each on a busy machine
WITH_ADAMW = [replace(x, optimizer="adamw") for x in NETWORKS if x.name not in LONG and x.optimizer == "momentum"]


def predicted_peak(step: Step) -> int:
    """Return the prediction, of a CPU, whose allocations are tracked."""
    graph = archspec.lower(step.load())
    return archspec.memory(
        graph, batch=step.batch, optimizer=step.optimizer, dtype=step.dtype, loss=step.loss, device="cpu"
    ).peak


def test_forty_designs_of_which_fifteen_are_dominated_by_their_outputs_or_one_op() -> None:
    assert len(STEPS) >= 40
    assert len({str(step) for step in STEPS}) == len(STEPS)
    assert len(OUTPUTS) + len(ONE_OP) >= 15
    for step in OUTPUTS:
        graph = archspec.lower(step.load())
        outputs = 4 * step.batch * sum(x.elements for x in graph.output_types)
        assert outputs > predicted_peak(step) / 8, step


@pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")  # rms_norm's, once
@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step, id=str(step), marks=() if step.quick else pytest.mark.slow)
        for step in dict.fromkeys((*STEPS, *WITH_ADAMW))
    ],
)
def test_is_within_two_percent_of_what_torch_tracks(step: Step) -> None:
    tracked = tracked_peak(step.load(), step.batch, step.optimizer, dtype=step.dtype, loss=step.loss)
    assert predicted_peak(step) == pytest.approx(tracked, rel=0.02)


@pytest.mark.parametrize("loss", ["mean_square", "mse", "cross_entropy"])
def test_outputs_take_most_in_the_loss(loss: Loss) -> None:
    """The outputs, which the training loop holds, and what the loss makes of them."""
    graph = archspec.lower(archspec.loads("input: [64, 8, 8]\nstages:\n  - conv: {channels: 150, kernel: 1}\n"))
    found = archspec.memory(graph, batch=64, loss=loss, optimizer="sgd", device="cpu")
    outputs = 64 * 150 * 64 * 4
    targets = {"mean_square": 0, "mse": outputs, "cross_entropy": 64 * 64 * 8}[loss]
    copies = {"mean_square": 5, "mse": 2, "cross_entropy": 4}[loss]
    loss_itself = 4
    assert found.inputs == 64 * 64 * 64 * 4 + targets
    # With mse the gradients of the weights outweigh what the loss makes.
    weights = found.parameters * (2 if loss == "mse" else 1)
    assert found.peak == weights + found.inputs + copies * outputs + loss_itself


PASSIVE = ("relu", "sigmoid")


@pytest.mark.parametrize("layer", PASSIVE)
@pytest.mark.parametrize("loss", ["mean_square", "mse", "cross_entropy"])
def test_without_a_weight_on_the_way_there_is_no_backward_pass(layer: str, loss: Loss) -> None:
    graph = archspec.lower(archspec.loads(f"input: [3, 8, 8]\nstages:\n  - {layer}\n"))
    found = archspec.memory(graph, batch=2, loss=loss, device="cpu")
    assert {moment.phase for moment in found.timeline} == {"forward", "step"}
    assert (found.gradients, found.saved, found.optimizer_state) == (0, 0, 0)
    assert found.peak == found.buffers + 2 * 2 * 3 * 8 * 8 * 4
    assert archspec.largest_batch(graph, memory_limit=10**6, loss=loss) > 100


def test_weights_beside_the_way_get_no_gradient() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - conv: {name: unused, channels: 4}\n  - relu: {from: input}\n"
    graph = archspec.lower(archspec.loads(text))
    found = archspec.memory(graph, batch=2, device="cpu")
    assert found.parameters > 0
    assert found.gradients == 0
    assert {moment.phase for moment in found.timeline} == {"forward", "step"}


@pytest.mark.parametrize(("family", "optimizer"), [("resnet", "sgd"), ("vit", "momentum"), ("highway", "adamw")])
def test_small_designs_are_within_two_percent_too(family: str, optimizer: Literal["sgd", "momentum", "adamw"]) -> None:
    spec = FAMILIES[family].load()
    found = archspec.memory(archspec.lower(spec), batch=4, optimizer=optimizer, device="cpu")
    assert found.peak == pytest.approx(tracked_peak(spec, 4, optimizer), rel=0.02)


@pytest.mark.parametrize("family", ["resnet", "vit"])
def test_checkpointed_designs_are_within_two_percent(family: str) -> None:
    spec = FAMILIES[family].load()
    found = archspec.memory(archspec.lower(spec), batch=16, optimizer="sgd", device="cpu", checkpoint=True)
    assert found.peak == pytest.approx(tracked_peak(spec, 16, "sgd", checkpoint=True), rel=0.02)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_everything_is_freed_but_what_stays(family: str, again: bool) -> None:
    """After the backward pass there are the batch, the outputs and a gradient for every parameter."""
    graph = small_graph(family)
    found = trace_forward(graph, 2, checkpoint=again)
    for x in found.outputs:
        found.held_until[x.storage] = 1 << 60
    for x in found.inputs:
        found.held_until[x.storage] = 1 << 60
    alive = Liveness(found, lambda size: size)
    alive.run()
    outside = {x.storage for x in (*found.inputs, *found.outputs)}
    assert alive.gradients == 4 * archspec.summarize(graph).params
    assert alive.live == sum(storage.bytes for storage in outside) + alive.gradients


def test_the_parts_and_the_timeline() -> None:
    graph = designs.graph("resnet18")
    found = archspec.memory(graph, batch=8, optimizer="adamw")
    params = archspec.summarize(graph).params
    assert 4 * params <= found.parameters <= 4 * params + 512 * 62
    assert found.optimizer_state == 2 * found.parameters
    assert found.inputs == 8 * 3 * 224 * 224 * 4
    assert found.peak == max(moment.bytes for moment in found.timeline)
    top = next(moment for moment in found.timeline if moment.bytes == found.peak)
    assert (top.phase, top.path) == (found.peak_phase, found.peak_path)
    phases = [moment.phase for moment in found.timeline]
    assert phases == sorted(phases, key=["forward", "backward", "step"].index)
    assert {"conv1", "layer4.1.conv2", "fc"} <= {moment.path for moment in found.timeline}
    sizes = [archspec.memory(graph, batch=8, optimizer=name).peak for name in ("sgd", "momentum", "adamw")]
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1] == found.parameters


def test_a_gpu_counts_in_blocks() -> None:
    graph = designs.graph("guest_net")
    assert archspec.memory(graph, batch=3).peak % 512 == 0
    assert archspec.memory(graph, batch=3).peak > archspec.memory(graph, batch=3, device="cpu").peak


@pytest.mark.parametrize("name", ["resnet18", "guest_net", "highway"])
def test_the_largest_batch_fits_and_one_more_does_not(name: str) -> None:
    graph = designs.graph(name)
    for limit in (archspec.memory(graph, batch=5).peak, 10**9):
        batch = archspec.largest_batch(graph, memory_limit=limit)
        assert archspec.memory(graph, batch=batch).peak <= limit < archspec.memory(graph, batch=batch + 1).peak
    assert archspec.largest_batch(graph, memory_limit=1000) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch": 0}, "batch is at least 1"),
        ({"optimizer": "lion"}, "optimizer is one of sgd, momentum, adamw"),
        ({"dtype": "float8"}, "dtype is one of float32"),
        ({"device": "tpu"}, "device is one of gpu, cpu"),
        ({"loss": "hinge"}, "loss is one of mean_square, mse, cross_entropy"),
    ],
)
def test_what_is_not_known_is_refused(options: dict[str, Any], words: str) -> None:
    graph = designs.graph("highway")
    with pytest.raises(ValueError, match=words):
        archspec.memory(graph, **options)
