"""Shapes, MACs and counts of the whole gallery against torch's own, measured on the meta device."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import torch
import torchinfo
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archspec import Graph, build, load, lower, summarize
from archspec.ir.graph import Call
from archspec.ir.types import ValueType
from tests import designs
from tests.analysis.gallery_inputs import BAKED_IN, at_size, everything, quick, sizes_of

QUICK = quick()
whole_gallery = pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in everything()]
)
Shapes = list[tuple[int, ...]]


def meta_module(spec: Any) -> nn.Module:
    return build(spec, device="meta").eval()


def run(model: nn.Module, shape: tuple[int, ...], batch: int) -> Any:
    ids = any(isinstance(module, nn.Embedding) for module in model.modules())
    return model(torch.empty(batch, *shape, dtype=torch.int64 if ids else torch.float32, device="meta"))


def shapes_of(values: Any) -> Shapes:
    """The shapes of all tensors among some values, without the batch."""
    if isinstance(values, torch.Tensor):
        return [tuple(values.shape[1:])]
    return [shape for value in values for shape in shapes_of(value)] if isinstance(values, (tuple, list)) else []


def seen_by_torch(model: nn.Module, shape: tuple[int, ...]) -> dict[str, list[tuple[Shapes, Shapes]]]:
    """What goes into and comes out of every module, in the order of its calls, and of the whole under ""."""
    seen: dict[str, list[tuple[Shapes, Shapes]]] = defaultdict(list)
    handles = [
        module.register_forward_hook(
            lambda _module, given, output, path=path: seen[path].append((shapes_of(given), shapes_of(output)))
        )
        for path, module in model.named_modules()
    ]
    run(model, shape, 2)
    for handle in handles:
        handle.remove()
    return seen


def known(types: tuple[ValueType, ...]) -> Shapes:
    return [tuple(int(d) for d in item.shape if isinstance(d, int)) for item in types if item.known]


def expected(graph: Graph) -> dict[str, list[tuple[Shapes, Shapes]]]:
    """The same from the graph: for every step, its inputs and its outputs."""
    message: dict[str, list[tuple[Shapes, Shapes]]] = defaultdict(list)
    for placed in graph.walk():
        message[placed.path].append((known(placed.body.input_types(placed.step)), known(placed.step.outputs)))
    return message


@whole_gallery
def test_every_shape_is_torchs(name: str) -> None:
    """Modules are hooked; an add or concat, which has none, is seen as what the next module is given."""
    sizes = sizes_of(name)
    model = meta_module(load(name))
    for shape in sizes:
        spec = at_size(name, shape)
        if name.partition(":")[0] in BAKED_IN:
            model = meta_module(spec)
        graph = lower(spec)
        seen, message = seen_by_torch(model, shape), expected(graph)
        steps = [placed.path for placed in graph.walk() if isinstance(placed.step, Call) or placed.path in seen]
        assert len(steps) > 3
        for path in steps:
            assert seen[path] == message[path], f"{path} at {shape}"
        assert seen[""] == [([shape], known(graph.output_types))]


def test_a_wrong_shape_would_be_noticed() -> None:
    graph, model = designs.graph("resnet18"), meta_module(load("resnet18"))
    for path in ("layer2.0.conv1", "layer2.0.downsample.0"):
        convolution = model.get_submodule(path)
        assert isinstance(convolution, nn.Conv2d)
        convolution.stride = (1, 1)
    seen, message = seen_by_torch(model, (3, 224, 224)), expected(graph)
    wrong = {path for path in seen if path in message and seen[path] != message[path]}
    assert "layer2.0.conv1" in wrong
    assert "layer1.1.conv2" not in wrong


@whole_gallery
def test_macs_are_half_of_torchs_flops(name: str) -> None:
    """Forward only, with gradients enabled and attention spelt out: the counter's traps are in its own modes."""
    shape = sizes_of(name)[0]
    model = meta_module(load(name))
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        run(model, shape, 1)
    flops = counter.get_total_flops()
    assert flops > 0
    assert summarize(designs.graph(name)).macs * 2 == flops


@whole_gallery
def test_counts_are_the_modules_and_torchinfos(name: str) -> None:
    model, summary = meta_module(load(name)), summarize(designs.graph(name))
    assert summary.params == sum(p.numel() for p in model.parameters())
    assert summary.buffers == sum(b.numel() for b in model.buffers())
    assert summary.params == torchinfo.summary(model, depth=20, verbose=0).total_params


@whole_gallery
def test_rows_add_up_at_every_level(name: str) -> None:
    graph = designs.graph(name)
    for level in ("stage", "block", "op"):
        summary = summarize(graph, level=level)
        for figure in ("params", "buffers", "macs", "elementwise_flops"):
            assert sum(getattr(row.cost, figure) for row in summary.rows) == getattr(summary.total, figure), level
        data = summary.to_dict()
        assert sum(row["macs"] for row in data["rows"]) == data["macs"] == data["flops"] // 2
        assert tuple(data["output"]) == summary.rows[-1].output == known(graph.output_types)[0]


def test_rows_add_up_where_weights_are_shared(tmp_path: Path) -> None:
    """Shared tensors count where they are first used, at every level of the table."""
    path = tmp_path / "shared.yaml"
    path.write_text(
        "input: [8, 16, 16]\n"
        "stem: [{basic: {name: one, channels: 8}}]\n"
        "stages:\n"
        "  - basic: {name: two, channels: 8, share: one}\n"
        "  - conv: {name: three, channels: 8, kernel: 3}\n"
        "head: [{conv: {name: four, channels: 8, kernel: 3, share: three}}]\n"
    )
    graph = lower(load(str(path)))
    model = build(str(path), device="meta")
    for level in ("stage", "block", "op"):
        summary = summarize(graph, level=level)
        assert sum(row.cost.params for row in summary.rows) == summary.params
        assert summary.params == sum(p.numel() for p in model.parameters())
        assert sum(row.cost.macs for row in summary.rows) == summary.macs
        assert summary.macs == 4 * 8 * 8 * 9 * 256 + 2 * 8 * 8 * 9 * 256


@pytest.mark.parametrize("name", ["resnet", "unet", "vit"])
def test_the_whole_gallery_has_sizes(name: str) -> None:
    assert len(set(sizes_of(name))) == 3
    assert tuple(int(d) for d in designs.graph(name).inputs[0][1].shape if isinstance(d, int)) == sizes_of(name)[0]
