"""HRNet against a module written by hand, and sizes of torchvision's networks that it has no name for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from tests import designs

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)
from torchvision.models import DenseNet, mobilenet_v2

import archspec
from archspec.language.files import gallery
from archspec.language.symbols import library_file
from tests.parity.assertions import assert_same
from tests.parity.high_resolution import HighResolutionNet

# name: (reference, parameters as published or as timm counts them)
HIGH_RESOLUTION: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "hrnet_w18_small": (partial(HighResolutionNet, (1, 128), 16, 2, [1, 1, 1]), 13_187_464),
    "hrnet_w18_small_v2": (partial(HighResolutionNet, (2, 256), 18, 2, [1, 3, 2]), 15_597_464),
    "hrnet_w18": (partial(HighResolutionNet, (4, 256), 18, 4, [1, 4, 3]), 21_299_004),
    "hrnet_w32": (partial(HighResolutionNet, (4, 256), 32, 4, [1, 4, 3]), 41_232_680),
    "hrnet_w48": (partial(HighResolutionNet, (4, 256), 48, 4, [1, 4, 3]), 77_469_864),
}
OTHERS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "densenet264": (partial(DenseNet, 32, (6, 12, 64, 48), 64), 33_337_704),
    "mobilenet_v2_050": (partial(mobilenet_v2, width_mult=0.5), 1_968_680),
    "mobilenet_v2_140": (partial(mobilenet_v2, width_mult=1.4), 6_108_776),
}
REFERENCES = HIGH_RESOLUTION | OTHERS


def images(side: int) -> torch.Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("name", REFERENCES)
def test_the_parameters_are_counted_as_others_do(name: str) -> None:
    reference, params = REFERENCES[name]
    with torch.device("meta"):
        theirs = reference()
    model = archspec.build(name, device="meta")
    assert archspec.summarize(designs.graph(name)).params == params
    assert {k: t.shape for k, t in model.state_dict().items()} == {k: t.shape for k, t in theirs.state_dict().items()}


@pytest.mark.parametrize("name", ["hrnet_w18_small", "hrnet_w18_small_v2", "mobilenet_v2_050", "densenet264"])
def test_a_network_is_its_reference(name: str) -> None:
    """Outputs in eval mode everywhere; those in training and the gradients where nothing is drawn at random."""
    assert_same(name, REFERENCES[name][0](), images(64), training=name == "hrnet_w18_small")


def test_maps_of_every_size_meet() -> None:
    """The authors' upsampling by whole factors refuses sizes that 32 does not divide; ours takes the other map's."""
    model = archspec.build("hrnet_w18_small", device="meta")
    for shape in ((3, 65, 97), (3, 33, 40)):
        assert model(torch.empty(2, *shape, device="meta")).shape == (2, 1000)


# What the library's hr_module says, and what it is changed to: the comparison must then fail.
MUTATIONS = {
    "linear upsampling": ("resize: {when: j > i, from", "resize: {mode: linear, when: j > i, from"),
    "an activation too many": ("activate: k < i - j - 1", "activate: true"),
    "an activation too few": ("activate: k < i - j - 1", "activate: false"),
    "an activation before upsampling": ("activate: false\n", "activate: true\n"),
    "blocks on one map alone": ('from: "prev[${j}]"', 'from: "x[${j}]"'),
    "no activation at the end": ("\n      - act\n", "\n      - identity\n"),
}


def mutated(old: str, new: str) -> archspec.Spec:
    """HRNet with a module of its own, which the change has been made to."""
    module = library_file("hr_module").read_text(encoding="utf-8").removeprefix("blocks:\n")
    spec = (gallery() / "hrnet.yaml").read_text(encoding="utf-8")
    assert old in module
    assert "\nblocks:\n" in spec
    with_module = spec.replace("\nblocks:\n", "\nblocks:\n" + module.replace(old, new))
    return archspec.loads(with_module, variant="hrnet_w18_small")


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_mutation_is_noticed(kind: str) -> None:
    reference = HIGH_RESOLUTION["hrnet_w18_small"][0]()
    with pytest.raises(AssertionError):
        assert_same(mutated(*MUTATIONS[kind]), reference, images(64), training=False)


def test_a_module_rewritten_without_a_mutation_passes() -> None:
    assert_same(mutated("- act", "- act"), HIGH_RESOLUTION["hrnet_w18_small"][0](), images(64), training=False)
