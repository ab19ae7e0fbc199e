"""How the exported network starts: as the spec says, and where it says nothing as the built one does."""

from __future__ import annotations

import pytest
import torch

import archspec
from archspec.language.load import Spec
from tests.backends.small_networks import FAMILIES
from tests.backends.standalone import assert_same_network, network_of, source_of

MANY = 400  # elements, enough for a standard deviation


def assert_starts_alike(spec: Spec) -> None:
    """Constants are the same; random tensors have the same mean, spread and reach as far as chance allows."""
    torch.manual_seed(0)
    built, written = archspec.build(spec, seed=1).state_dict(), network_of(source_of(spec))().state_dict()
    for key, theirs in built.items():
        mine, theirs = written[key].float(), theirs.float()
        if theirs.numel() == 1 or theirs.std() == 0:
            torch.testing.assert_close(mine, theirs, rtol=0, atol=0, msg=f"{key} differs")
        elif theirs.numel() >= MANY:
            chance = 6 / theirs.numel() ** 0.5
            assert abs(mine.std() / theirs.std() - 1) < chance, key
            assert abs(mine.mean() - theirs.mean()) < chance * theirs.std(), key
            assert abs(mine.abs().max() / theirs.abs().max() - 1) < 0.5, key


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_starts_as_the_built_one(name: str) -> None:
    assert_starts_alike(FAMILIES[name].load())


@pytest.mark.parametrize("name", ["highway", "highway_conv", "convnext"])
def test_gallery_networks_of_full_size_start_as_the_built_ones(name: str) -> None:
    assert_starts_alike(archspec.load(name))


INIT_SCHEMES = """
input: [8, 6, 6]
stages:
  - conv:
      {name: a, channels: 32, bias: true, init: {weight: {truncated_normal: {std: 1, low: -0.6, high: 0.7}}, bias: -2}}
  - conv: {name: b, channels: 32, bias: true, init: {weight: {uniform: {low: 1, high: 3}}}}
  - conv_transpose: {name: c, channels: 32, bias: true, init: {bias: ones}}
  - conv: {name: d, channels: 32, kernel: 1, init: {weight: {orthogonal: {gain: 2}}}}
  - conv: {name: plain, channels: 32, bias: true}
  - position_embedding: {name: position, init: {weight: {normal: {mean: 3, std: 2}}}}
  - flatten
  - linear: {name: e, features: 40, bias: true, init: {weight: xavier_uniform, bias: {normal: {std: 5}}}}
  - linear: {name: f, features: 40, bias: true, keys: {weight: f_weight, bias: f_bias}}
  - linear:
      {name: g, features: 40, bias: false, keys: {weight: g_weight}, init: {weight: {kaiming_normal: {mode: fan_out}}}}
  - linear: {name: h, features: 40, bias: true, share: {weight: g_weight}, init: {bias: zeros}}
"""


def test_every_scheme_is_written() -> None:
    spec = archspec.loads(INIT_SCHEMES)
    assert_starts_alike(spec)
    assert_same_network(spec)
    text = source_of(spec)
    assert "nn.init.trunc_normal_(self.a.weight, std=1.0, a=-0.6, b=0.7)" in text
    assert "nn.init.constant_(self.a.bias, -2.0)" in text
    assert "self.f_weight = nn.Linear(40, 40).weight" in text
    weight = network_of(text)().d.weight.flatten(1)
    torch.testing.assert_close(weight @ weight.T, 4 * torch.eye(32), rtol=0, atol=1e-4)


DEFAULT = """
input: [8, 6, 6]
stages:
  - conv: {name: a, channels: 512, kernel: 3, bias: true, init: {weight: default}}
  - conv: {name: b, channels: 512, kernel: 1, bias: true, init: {bias: default}}
  - conv: {name: c, channels: 512, bias: true, keys: {weight: cw, bias: cb}, init: {weight: default, bias: default}}
  - conv: {name: plain, channels: 32, bias: true}
  - scale: {name: scale, value: 0.5, init: {weight: default}}
"""


def test_default_is_torchs_own() -> None:
    spec = archspec.loads(DEFAULT)
    assert_starts_alike(spec)
    assert_same_network(spec)


SHARED = """
input: [8, 6, 6]
stages:
  - conv: {name: a, channels: 8, bias: false, init: {weight: {normal: {std: 30}}}}
  - conv: {name: b, channels: 8, bias: true, share: {weight: a.weight}}
  - conv: {name: c, channels: 8, bias: false, stride: 2, share: a}
  - conv: {name: d, channels: 8, kernel: 1, keys: {weight: dw}, bias: false}
"""


def test_a_shared_tensor_starts_as_its_owner() -> None:
    spec = archspec.loads(SHARED)
    assert_starts_alike(spec)
    model = assert_same_network(spec)
    assert model.b.weight is model.a.weight is model.c.weight


def test_a_network_whose_convolutions_say_nothing_starts_them_in_one_loop() -> None:
    text = source_of(FAMILIES["resnet"].load())
    assert text.count("nn.init.") == 1
    assert 'nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")' in text
