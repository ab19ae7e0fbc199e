"""The residual networks that torchvision lacks, against modules written by hand from the papers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import archspec
from archspec.language.files import gallery
from tests import designs
from tests.parity.assertions import assert_same
from tests.parity.residual_networks import (
    Network,
    cifar,
    cifar_bottlenecks,
    option_a,
    option_b,
    preact_resnet18,
    preact_resnet50,
    preact_resnet110,
    resnet50d,
    se_resnet50,
    small_resnet,
)


def images(side: int, batch: int = 2) -> Tensor:
    return torch.randn(batch, 3, side, side, generator=torch.Generator().manual_seed(2))


# name: (reference, parameters as published or as timm counts them, side of the images)
REFERENCES: dict[str, tuple[Callable[[], Network], int, int]] = {
    "small_resnet": (small_resnet, 696_618, 32),
    "preact_resnet18": (preact_resnet18, 11_687_720, 64),
    "preact_resnet50": (preact_resnet50, 25_549_352, 64),  # timm's resnetv2_50
    "preact_resnet110": (preact_resnet110, 1_727_962, 16),
    "preact_resnet164": (lambda: cifar_bottlenecks(18), 1_703_258, 16),
    "resnet1001": (lambda: cifar_bottlenecks(111), 10_327_706, 16),  # 10.2 million in the paper, table 4
    "resnet50d": (resnet50d, 25_576_264, 65),  # odd, where ceil shows
    "se_resnet50": (se_resnet50, 28_088_024, 64),  # timm's seresnet50
    "resnet20": (lambda: cifar(20, option_a), 269_722, 32),
    "resnet110": (lambda: cifar(110, option_a), 1_727_962, 16),
    "resnet44_b": (lambda: cifar(44, option_b), 661_338, 16),
    "resnet56_b": (lambda: cifar(56, option_b), 855_770, 16),
    "plain20": (lambda: cifar(20, option_a, plain=True), 269_722, 32),
    "plain56": (lambda: cifar(56, option_a, plain=True), 853_018, 16),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_network_is_its_reference(name: str) -> None:
    reference, params, side = REFERENCES[name]
    assert archspec.summarize(designs.graph(name)).params == params
    assert_same(name, reference(), images(side))


def params_of(name: str) -> int:
    return archspec.summarize(designs.graph(name)).params


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
def test_option_b_adds_two_projections_to_the_plain_twin_and_option_a_nothing(depth: int) -> None:
    two = sum(p.numel() for pair in ((16, 32), (32, 64)) for p in option_b(*pair, 2).parameters())
    assert params_of(f"resnet{depth}_b") - params_of(f"plain{depth}") == two
    assert (
        params_of(f"resnet{depth}")
        == params_of(f"plain{depth}")
        == sum(p.numel() for p in cifar(depth, option_a).parameters())
    )


def test_small_resnet_has_the_textbook_table() -> None:
    summary = archspec.summarize(designs.graph("small_resnet"))
    shown = ["×".join(map(str, row.output or ())) for row in summary.rows]
    assert shown == ["32×32×32", "32×32×32", "64×16×16", "128×8×8", "128", "10"]
    assert [d.path for d in summary.inserted] == ["stage2.0.downsample", "stage3.0.downsample"]


# (network, what the gallery says, what it is changed to): the comparison with the reference must then fail.
MUTATIONS = {
    "zeros in front": ("preact_resnet110", "{before: 0}", "{before: 16}"),
    "zeros on both sides": ("preact_resnet110", "{pad_shortcut: {before: 0}}", "pad_shortcut"),
    "another activation": ("resnet20", "act: relu", "act: silu"),
    "another eps": ("small_resnet", "params:", "defaults: {norm: {batch_norm: {eps: 1e-4}}}\nparams:"),
    "no pooling before the projection": ("resnet50d", "name: layer2, ", "name: layer2, shortcut: cut, "),
    "hard sigmoid": ("se_resnet50", "name: se, ", "name: se, gate: hardsigmoid, "),
    "leaky activation": ("preact_resnet18", "act: relu", "act: leaky_relu"),
}
CUT = """
blocks:
  cut:
    params: {channels: int, stride: 1}
    body: [conv: {name: "1", channels: channels, kernel: 1, stride: stride, bias: false}, norm: {name: "2"}]
"""


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_mutation_is_noticed(kind: str) -> None:
    name, old, new = MUTATIONS[kind]
    owner = {"resnet20": "cifar_resnet", "preact_resnet110": "cifar_preact_resnet", "preact_resnet18": "preact_resnet"}
    text = (gallery() / f"{owner.get(name, name)}.yaml").read_text(encoding="utf-8")
    assert old in text
    variant = None if name == "small_resnet" else name
    spec = archspec.loads(text.replace(old, new) + CUT, variant=variant)
    reference, _, side = REFERENCES[name]
    with pytest.raises(AssertionError):
        assert_same(spec, reference(), images(side))
