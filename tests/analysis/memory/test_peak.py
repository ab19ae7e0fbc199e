"""The predicted peak, its parts and its timeline, against torch's MemTracker and against what must hold."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.analysis.memory.forward_trace import trace_forward
from archspec.analysis.memory.liveness import Liveness
from tests import designs
from tests.analysis.memory.tracked_peak import tracked_peak
from tests.backends.small_networks import FAMILIES, small_graph

DESIGNS = (
    ("cifar_resnet", "", 8),
    ("convnext", "convnext_tiny", 4),
    ("custom_block", "", 8),
    ("googlenet", "", 4),
    ("guest_net", "", 8),
    ("highway", "", 8),
    ("highway_conv", "", 8),
    ("mobilenet_v2", "", 4),
    ("preact_resnet", "preact_resnet18", 4),
    ("residual_mlp", "", 8),
    ("resnet", "resnet18", 8),
    ("resnet", "resnet50", 4),
    ("small_resnet", "", 8),
    ("squeezenet", "squeezenet1_1", 4),
    ("unet", "", 2),
    ("vit", "vit_b_32", 4),
)
LONG = {("convnext", "adamw"), ("googlenet", "adamw"), ("vit", "adamw")}  # left out: a minute each on a busy machine


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "variant", "batch", "optimizer"),
    [(*design, name) for design in DESIGNS for name in ("momentum", "adamw") if (design[0], name) not in LONG],
)
def test_is_within_two_percent_of_what_torch_tracks(name: str, variant: str, batch: int, optimizer: str) -> None:
    spec = archspec.load(name, variant or None)
    found = archspec.memory(designs.graph(name, variant or None), batch=batch, optimizer=optimizer, device="cpu")
    assert found.peak == pytest.approx(tracked_peak(spec, batch, optimizer), rel=0.02)


@pytest.mark.parametrize(("family", "optimizer"), [("resnet", "sgd"), ("vit", "momentum"), ("highway", "adamw")])
def test_small_designs_are_within_two_percent_too(family: str, optimizer: str) -> None:
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
    ],
)
def test_what_is_not_known_is_refused(options: dict[str, Any], words: str) -> None:
    graph = designs.graph("highway")
    with pytest.raises(ValueError, match=words):
        archspec.memory(graph, **options)
