"""Training in lower precision by autocast: what is kept and the peak against torch, the lists against torch's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.autograd.profiler import profile

import archspec
from archspec.analysis.memory.forward_trace import saved_bytes, trace_forward
from archspec.language.files import gallery_names
from archspec.tracing.autocast import FLOAT32, LOWER
from tests import designs
from tests.analysis.memory.fake_tensors import fake_tensors
from tests.analysis.memory.saved_storages import samples, seen_bytes
from tests.analysis.memory.tracked_peak import tracked_peak
from tests.backends.small_networks import FAMILIES, small_graph
from tests.ops.harness import example, make_op, run, site_of
from tests.ops.test_every_op import EXAMPLES

HEADER = Path(torch.__file__).parent / "include" / "ATen" / "autocast_mode.h"
PEAKS = (
    ("preact_resnet", "preact_resnet18", 4),
    ("squeezenet", "squeezenet1_1", 4),
    ("unet", "", 2),
    ("vit", "vit_b_32", 4),
)


def kept_for_real(family: str, dtype: str, checkpoint: bool = False) -> int:
    model = archspec.build(FAMILIES[family].load(), seed=0, checkpoint=checkpoint)
    with torch.autocast("cpu", dtype=getattr(torch, dtype)):
        return seen_bytes(model, (FAMILIES[family].samples(3),), math=False)


@pytest.mark.parametrize(("family", "dtype"), [*((name, "bfloat16") for name in sorted(FAMILIES)), ("vit", "float16")])
def test_is_what_a_real_run_keeps(family: str, dtype: str) -> None:
    graph = small_graph(family)
    kept = saved_bytes(graph, 3, dtype=dtype, fused_attention=True)
    assert kept == kept_for_real(family, dtype)


@pytest.mark.parametrize("family", ["resnet", "vit"])
def test_blocks_that_are_computed_again(family: str) -> None:
    graph = small_graph(family)
    kept = saved_bytes(graph, 3, dtype="bfloat16", fused_attention=True, checkpoint=True)
    assert kept == kept_for_real(family, "bfloat16", checkpoint=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", gallery_names())
def test_is_what_torch_keeps_for_the_whole_gallery(name: str) -> None:
    spec = archspec.load(name)
    graph, model = archspec.lower(spec), archspec.build(spec, device="meta")
    with fake_tensors():
        model.to_empty(device="cpu")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            seen = seen_bytes(model, samples(graph, 2, "cpu"), math=False)
    assert saved_bytes(graph, 2, dtype="bfloat16", fused_attention=True) == seen


@pytest.mark.parametrize(("family", "checkpoint"), [("resnet", False), ("vit", False), ("vit", True)])
def test_small_designs_are_within_two_percent_of_what_torch_tracks(family: str, checkpoint: bool) -> None:
    spec = FAMILIES[family].load()
    how: dict[str, Any] = {"optimizer": "momentum", "dtype": "bfloat16", "checkpoint": checkpoint}
    found = archspec.memory(archspec.lower(spec), batch=16, device="cpu", **how)
    assert found.peak == pytest.approx(tracked_peak(spec, 16, **how), rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant", "batch"), PEAKS)
def test_the_peak_is_within_two_percent_of_what_torch_tracks(name: str, variant: str, batch: int) -> None:
    spec = archspec.load(name, variant or None)
    found = archspec.memory(
        designs.graph(name, variant or None), batch=batch, optimizer="adamw", dtype="bfloat16", device="cpu"
    )
    assert found.peak == pytest.approx(tracked_peak(spec, batch, "adamw", dtype="bfloat16"), rel=0.02)


def test_a_weight_is_cast_once_and_held_until_the_forward_is_over() -> None:
    graph = designs.graph("guest_net")
    found = trace_forward(graph, 1, dtype="bfloat16")
    own = [x for x in found.tensors if x.needs_grad and x in found.tape.weights]
    assert len(own) == len(found.tape.weights) > 10
    assert {found.held_until[x.storage] for x in found.tape.weights.values()} == {len(found.tape.entries) - 1}


def listed(macro: str) -> set[str]:
    """The functions in one of the lists of torch's header."""
    text = HEADER.read_text()
    body = re.search(rf"#define {macro}\(_\)(.*?[^\\])\n\n", text, re.DOTALL)
    assert body is not None
    return {name.removeprefix("ADD_NS(").rstrip(")") for name in re.findall(r"_\((\w+)", body[1])}


def called(events: list[Any], lists: set[str]) -> Iterator[str]:
    """What is called, autocast looking at what lies within a function only where that is in none of its lists."""
    for event in events:
        name = event.name.removeprefix("aten::")
        yield name
        if name not in lists:
            yield from called(event.cpu_children, lists)


def test_the_lists_are_those_of_torch_s_header_for_cuda() -> None:
    """Of all functions that our ops call, on all their kinds of input."""
    lower = listed("AT_FORALL_LOWER_PRECISION_FP")
    exact = listed("AT_FORALL_FP32") | listed("AT_FORALL_FP32_SET_OPT_DTYPE")
    assert "conv2d" in lower
    assert {"layer_norm", "sum"} <= exact
    with profile() as record:
        for kind, arguments, inputs in EXAMPLES.values():
            site = site_of(make_op(kind, **arguments), *inputs)
            run(site, 2, "cpu", tuple(example(x, 2, "cpu") for x in inputs))
    names = set(called([event for event in record.function_events if event.cpu_parent is None], lower | exact))
    assert names & lower == LOWER
    assert names & exact == FLOAT32["gpu"]
    assert names & listed("AT_FORALL_PROMOTE") == set()
