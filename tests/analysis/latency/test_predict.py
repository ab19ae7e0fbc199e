"""Latencies of whole designs: sums, levels, growth with the batch, and what torch itself runs."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

import archspec
from archspec.analysis.latency.profiles import device_names
from archspec.ir.graph import Graph
from tests import designs
from tests.analysis.latency.round_device import CONV, profile
from tests.designs import graph_of

SMALL, LARGE = "{mebibytes: 1, gigabytes_per_second: 90}", "{mebibytes: 8, gigabytes_per_second: 9}"
CACHED = f"{{gigabytes_per_second: 4, caches: [{SMALL}, {LARGE}]}}"
DESIGNS = ("guest_net", "resnet18", "unet", "mobilenet_v2", "vit_b_32", "densenet121")


@pytest.fixture(scope="module")
def graphs() -> dict[str, Graph]:
    return {name: designs.graph(name) for name in DESIGNS}


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("training", [False, True])
def test_rows_add_up_at_every_level(graphs: dict[str, Graph], name: str, training: bool) -> None:
    for level in ("stage", "block", "op"):
        found = archspec.latency(graphs[name], device=profile(), batch=2, training=training, level=level)
        assert sum(row.forward.seconds for row in found.rows) == pytest.approx(found.forward.seconds)
        assert sum(row.backward.seconds for row in found.rows) == pytest.approx(found.backward.seconds)
        assert [row.path for row in found.rows] == [
            row.path for row in archspec.summarize(graphs[name], level=level).rows
        ]
        if not training:
            assert sum(row.flops for row in found.rows) == 2 * 2 * archspec.summarize(graphs[name]).macs


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("training", [False, True])
def test_more_samples_never_take_less_time(graphs: dict[str, Graph], name: str, training: bool) -> None:
    device = profile(memory=CACHED)
    times = [
        archspec.latency(graphs[name], device=device, batch=batch, training=training).forward_ms
        for batch in (1, 2, 3, 8, 64)
    ]
    assert all(fewer < more for fewer, more in pairwise(times))


def test_the_ops_are_counted_by_what_binds_them(graphs: dict[str, Graph]) -> None:
    found = archspec.latency(graphs["resnet18"], device="h100", batch=32)
    counts = [found.bound_by(bound)[0] for bound in ("memory", "compute", "launch")]
    assert sum(counts) == sum(row.time.bound is not None for row in found.ops)
    total = sum(found.bound_by(bound)[1] for bound in ("memory", "compute", "launch"))
    assert total == pytest.approx(found.forward_ms)


@pytest.mark.torch
@pytest.mark.parametrize(
    "name", ["resnet18", "unet_transposed", "guest_net", "cifar_resnet", "squeezenet", "highway_conv"]
)
def test_operations_and_bytes_are_those_that_torch_runs(name: str) -> None:
    from tests.analysis.latency.dispatch_counts import dispatched

    graph = designs.graph(name)
    found = archspec.latency(graph, device=profile(), batch=2)
    launches, size = dispatched(name, graph, 2)
    assert sum(row.launches for row in found.ops) == launches
    assert sum(row.bytes for row in found.ops) == size


@pytest.mark.torch
@pytest.mark.parametrize("name", ["resnet18", "vit_b_32", "unet_transposed"])
def test_a_training_step_has_the_operations_that_torch_counts(name: str) -> None:
    from tests.analysis.latency.dispatch_counts import trained_flops

    graph = designs.graph(name)
    found = archspec.latency(graph, device=profile(), batch=1, training=True)
    ours = sum(row.flops for row in found.ops if row.kind != "attention")
    assert ours == trained_flops(name, graph)


def test_every_device_predicts(graphs: dict[str, Graph]) -> None:
    times = {name: archspec.latency(graphs["resnet18"], device=name, batch=64).forward_ms for name in device_names()}
    assert times["h200"] < times["h100"] < times["a100"] < times["l4"] < times["laptop"]


def test_arguments_that_cannot_be() -> None:
    graph = graph_of(CONV)
    with pytest.raises(ValueError, match="did you mean h100"):
        archspec.latency(graph, device="h10")
    with pytest.raises(ValueError, match="no figure for bfloat16; it knows float32, float16"):
        archspec.latency(graph, device="t4", dtype="bfloat16")
    with pytest.raises(ValueError, match="batch is at least 1"):
        archspec.latency(graph, batch=0)
    with pytest.raises(ValueError, match="dtype is one of"):
        archspec.latency(graph, dtype="int8")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="level is one of"):
        archspec.latency(graph, level="layer")  # type: ignore[arg-type]  # what is tested


def test_a_broken_design_has_no_latency() -> None:
    from archspec.lowering import lower_partial

    spec = archspec.loads("input: [3, 8, 8]\nhead:\n  - conv: {channels: 4, kernel: 99, padding: 0}\n")
    graph, _, _ = lower_partial(spec)
    assert graph is not None
    with pytest.raises(ValueError, match="no known shape"):
        archspec.latency(graph)


def test_needs_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert archspec.latency(graph_of(CONV)).forward_ms > 0
