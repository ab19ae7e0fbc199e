"""Every network of the gallery that torchvision has too: the same keys, counts, outputs and gradients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests import designs

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)
import torchvision

import archspec
from archspec.language.files import gallery, gallery_names, variant_names
from tests.parity.assertions import randomise, same

REFERENCE: dict[str, Any] = json.loads(Path(__file__).with_name("reference.json").read_text(encoding="utf-8"))
NAMES = tuple(
    name
    for spec in gallery_names()
    for name in dict.fromkeys((spec, *variant_names(spec)))
    if name in torchvision.models.list_models(module=torchvision.models)
)
MANDATORY = {
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2", "wide_resnet101_2"),
    *("resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"),
    *("densenet121", "densenet161", "densenet169", "densenet201"),
    *("vit_b_16", "vit_b_32", "vit_l_16", "convnext_tiny", "convnext_small"),
    *("googlenet", "squeezenet1_0", "squeezenet1_1", "mobilenet_v2"),
}
SMALL = {"resnet18", "resnet34", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "densenet121", "densenet169"}
SMALL |= {"vit_b_32", "convnext_tiny", "googlenet", "squeezenet1_0", "squeezenet1_1", "mobilenet_v2"}
GRADIENTS = ("resnet18", "resnext50_32x4d", "densenet121", "vit_b_32", "googlenet", "squeezenet1_1", "mobilenet_v2")
RANDOM = ("convnext", "googlenet", "squeezenet", "mobilenet")  # in training: blocks or features are dropped
OPTIONS: dict[str, dict[str, Any]] = {"googlenet": {"aux_logits": False, "init_weights": False}}


def theirs_of(name: str) -> nn.Module:
    """torchvision's network on the meta device."""
    with torch.device("meta"):
        model: nn.Module = torchvision.models.get_model(name, weights=None, **OPTIONS.get(name, {}))
    return model


def pair_of(name: str, spec: archspec.Spec | None = None) -> tuple[nn.Module, nn.Module]:
    """Our network and torchvision's with the same random tensors, loaded from theirs to ours and back."""
    theirs = theirs_of(name).to_empty(device="cpu")
    for buffer in theirs.buffers():
        buffer.zero_()
    randomise(theirs)
    ours = archspec.build(spec or archspec.load(name), init=False)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours, theirs


def images(name: str, batch: int = 1, side: int | None = None) -> torch.Tensor:
    channels, height, width = REFERENCE[name]["input"]
    size = (height, width) if side is None else (side, side)
    return torch.randn(batch, channels, *size, generator=torch.Generator().manual_seed(5))


def check_outputs(ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> None:
    """Equal outputs in eval mode, different for different images."""
    with torch.inference_mode():
        found, wanted = ours.eval()(x), theirs.eval()(x)
    same(found, wanted)
    assert wanted.std() > 1e-3 * wanted.abs().max(), "one value for all classes would show nothing"


def check_training(ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> None:
    """Equal loss, gradients and batch-norm statistics after one step in training mode."""
    labels = torch.arange(len(x)) * 7
    losses = [F.cross_entropy(model.train()(x), labels) for model in (ours, theirs)]
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-5, atol=0.0)
    for loss in losses:
        loss.backward()
    wanted = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        found, gradient = parameter.grad, wanted[name].grad
        assert found is not None, name
        assert gradient is not None, name
        assert (found - gradient).norm() <= 1e-4 * gradient.norm() + 1e-9, name
    assert sum(float(p.grad.norm() > 0) for p in wanted.values() if p.grad is not None) > 0.9 * len(wanted)
    for name, buffer in theirs.named_buffers():
        torch.testing.assert_close(ours.get_buffer(name), buffer, rtol=1e-4, atol=1e-6)


def test_the_gallery_has_every_name_that_it_should() -> None:
    assert set(NAMES) >= MANDATORY
    assert set(NAMES) <= set(REFERENCE)


@pytest.mark.parametrize("name", NAMES)
def test_keys_shapes_and_counts(name: str) -> None:
    graph = designs.graph(name)
    ours, theirs = archspec.build(name, device="meta").state_dict(), theirs_of(name).state_dict()
    assert {k: (t.shape, t.dtype) for k, t in ours.items()} == {k: (t.shape, t.dtype) for k, t in theirs.items()}
    for level in ("stage", "block", "op"):
        summary, wanted = archspec.summarize(graph, level=level), REFERENCE[name]
        assert (summary.params, summary.buffers) == (wanted["params"], wanted["buffers"])
        assert summary.macs == wanted["macs"] == sum(row.cost.macs for row in summary.rows)
        assert sum(row.cost.params for row in summary.rows) == wanted["params"]
    assert len(ours) == wanted["tensors"]
    assert [list(t.shape) for t in graph.output_types] == [wanted["output"]]


@pytest.mark.sample(6)
@pytest.mark.parametrize("name", [n if n in SMALL else pytest.param(n, marks=pytest.mark.slow) for n in NAMES])
def test_outputs(name: str) -> None:
    ours, theirs = pair_of(name)
    check_outputs(ours, theirs, images(name))


@pytest.mark.parametrize("name", GRADIENTS)
def test_loss_and_gradients(name: str) -> None:
    spec = archspec.load(name)
    ours, theirs = pair_of(name, archspec.load(name, drop_rate=0.0) if "drop_rate" in spec.document.params else spec)
    for module in theirs.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    check_training(ours, theirs, images(name, batch=2, side=None if name.startswith("vit") else 64))


STRIDE_FIRST = """
blocks:
  bottleneck:
    params: {channels: int, stride: {type: axes, default: 1, first: true}}
    let: {width: channels // 4}
    body:
      - residual:
          body:
            - conv: {name: conv1, channels: width, kernel: 1, stride: stride, bias: false}
            - norm: {name: bn1}
            - act
            - conv: {name: conv2, channels: width, kernel: 3, bias: false}
            - norm: {name: bn2}
            - act
            - conv: {name: conv3, channels: channels, kernel: 1, bias: false}
            - norm: {name: bn3}
          shortcut: {name: downsample}
      - act
"""
BODY_FIRST = """
blocks:
  dense_block:
    params: {layers: int, growth: 32, drop_rate: 0.0}
    body: [dense_layer: {name: "denselayer${index + 1}", repeat: layers, growth: growth}]
  dense_layer:
    params: {growth: 32}
    body:
      - sequence:
          body:
            - norm: {name: norm1}
            - act
            - conv: {name: conv1, channels: 4 * growth, kernel: 1, bias: false}
            - norm: {name: norm2}
            - act
            - conv: {name: conv2, channels: growth, kernel: 3, bias: false}
      - concat: [ORDER]
"""
NORM, ACT = "norm: batch_norm", "act: relu"
# (network, what is written in the gallery's spec, what stands there instead, what is added at the end)
MUTATIONS = {
    "eps": ("resnet18", NORM, "norm: {batch_norm: {eps: 0.0001}}", ""),
    "activation": ("resnet18", ACT, "act: {gelu: tanh}", ""),
    "activation like relu": ("resnet18", ACT, "act: relu6", ""),
    "pooling": ("resnet18", "max_pool: {kernel: 3, stride: 2}", "avg_pool: {kernel: 3, stride: 2, padding: 1}", ""),
    "stride in the 1x1": ("resnet50", "name: resnet\n", "name: resnet\n", STRIDE_FIRST),
    "concat order": ("densenet121", "name: densenet\n", "name: densenet\n", BODY_FIRST.replace("ORDER", "prev, x")),
    "layer norm's eps": ("vit_b_32", "eps: 1.0e-6", "eps: 1.0e-5", ""),
    "another pooling": ("squeezenet1_1", "kernel: 3, when: 5 in pools", "kernel: 2, when: 5 in pools", ""),
    "relu6": ("mobilenet_v2", "act: relu6", "act: relu", ""),
    "torch's eps": ("googlenet", "{eps: 0.001}", "{eps: 0.00001}", ""),
    "gelu": ("convnext_tiny", "defaults:\n", "defaults:\n  gelu: {approximate: tanh}\n", ""),
}


def mutated(name: str, old: str, new: str, more: str = "") -> archspec.Spec:
    """The gallery's spec of a network with something else written in it; the variant's parameters stay."""
    owner = next(spec for spec in gallery_names() if name in (spec, *variant_names(spec)))
    text = (gallery() / f"{owner}.yaml").read_text(encoding="utf-8")
    assert old in text
    return archspec.loads(text.replace(old, new) + more, variant=None if name == owner else name)


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_mutation_is_noticed(kind: str) -> None:
    name = MUTATIONS[kind][0]
    ours, theirs = pair_of(name, mutated(*MUTATIONS[kind]))
    side = None if name.startswith("vit") else 64
    with pytest.raises(AssertionError):
        check_outputs(ours, theirs, images(name, side=side))
    if not name.startswith(RANDOM):
        with pytest.raises(AssertionError):
            check_training(ours, theirs, images(name, batch=2, side=side))


def test_a_spec_rewritten_without_a_mutation_passes() -> None:
    same_order = BODY_FIRST.replace("ORDER", "x, prev")
    ours, theirs = pair_of("densenet121", mutated("densenet121", "name: densenet\n", "name: densenet\n", same_order))
    check_outputs(ours, theirs, images("densenet121", side=64))


@pytest.mark.parametrize(
    ("old", "new"),
    [("widths[3]", "widths[3] + 8"), ("name: bn1", "name: bn"), ("kernel: 7, stride", "kernel: 7, bias: true, stride")],
)
def test_a_wrong_key_or_shape_is_noticed(old: str, new: str) -> None:
    with pytest.raises(RuntimeError, match="state_dict"):
        pair_of("resnet18", mutated("resnet18", old, new))
