"""The Python source of a network: it reads like hand-written code, and what is shared stays shared."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import archspec
from tests.backends.small_networks import FAMILIES
from tests.backends.standalone import assert_same_network, network_of, source_of


@pytest.mark.parametrize(
    ("name", "most"),
    [("resnet50", 150), ("resnet152", 150), ("densenet201", 150), ("highway100", 60), ("vit_b_16", 160)],
)
def test_repeats_make_a_network_no_longer(name: str, most: int) -> None:
    text = source_of(archspec.load(name))
    assert len(text.splitlines()) <= most
    model = network_of(text)
    with torch.device("meta"):
        made, wanted = model(), archspec.build(name, device="meta")
    assert {k: v.shape for k, v in made.state_dict().items()} == {k: v.shape for k, v in wanted.state_dict().items()}


def test_what_differs_in_numbers_is_one_class_with_arguments() -> None:
    text = source_of(archspec.load("resnet50"))
    assert "class Bottleneck2(nn.Module):" in text
    assert "Bottleneck3" not in text
    assert "Bottleneck1(256, 128, 512, stride=2), *[Bottleneck2(512, 128) for _ in range(3)]" in text


SHARED = """\
input: [4, 8, 8]
blocks:
  unit:
    params: {channels: int}
    body:
      - conv: {name: conv, channels: channels}
      - relu
stages:
  - conv: {name: a, channels: 4, bias: true}
  - relu
  - conv: {name: b, channels: 4, bias: true, share: a}
  - unit: {name: first, channels: 4}
  - unit: {name: s, repeat: 3, channels: 4, share: first}
  - residual: [conv: 4]
"""
TIED = """\
inputs: {ids: {shape: [6], kind: ids, range: 11}}
stages:
  - embedding: {name: wte, features: 8, count: 11}
  - linear: {name: first, features: 8, keys: {weight: proj_weight, bias: proj_bias}, bias: true}
  - linear: {name: second, features: 8, bias: true, share: {weight: proj_weight}}
  - linear: {name: third, features: 8, bias: true, share: first}
  - linear: {name: lm_head, features: 11, bias: true, share: {weight: wte.weight}}
"""


def test_shared_layers_are_one_module() -> None:
    written = assert_same_network(archspec.loads(SHARED))
    assert written.b is written.a


def test_shared_tensors_are_one_tensor() -> None:
    written = assert_same_network(archspec.loads(TIED))
    assert written.lm_head.weight is written.wte.weight


PADDED = """\
name: DropPath
input: [3, 9, 9]
stages:
  - conv: {channels: 8, kernel: 2, padding: same}
  - nn: {channels: 8}
  - drop_path: 0.5
  - global_max_pool
blocks:
  nn:
    params: {channels: int}
    body: [conv: {channels: channels}, relu]
"""


def test_a_block_never_hides_a_class_that_the_file_needs() -> None:
    text = source_of(archspec.loads(PADDED))
    assert "class PaddedConv2d(nn.Conv2d):" in text
    assert_same_network(archspec.loads(PADDED))


def test_a_graph_with_a_failed_layer_is_refused() -> None:
    from archspec.lowering import lower_partial

    graph, _, _ = lower_partial(archspec.loads("input: [3, 8, 8]\nstages:\n  - conv: 8\n  - linear: {share: nobody}\n"))
    assert graph is not None
    with pytest.raises(ValueError, match="failed to compile"):
        archspec.to_python(graph)


def test_every_class_is_an_ordinary_module() -> None:
    model: Any = network_of(source_of(FAMILIES["bottleneck"].load()))()
    assert type(model.layer2) is nn.Sequential
    assert model.get_submodule("layer2.1.conv2").weight.shape == model.state_dict()["layer2.1.conv2.weight"].shape


RESIDUALS = """\
input: [4, 8, 8]
stages:
  - residual:
      repeat: 30
      name: turns
      body:
        - batch_norm
        - relu
        - conv: 4
  - residual: {name: other, repeat: 2, body: [{conv: 4}, relu], merge: multiply}
  - relu
"""


def test_repeated_residuals_are_a_loop() -> None:
    spec = archspec.loads(RESIDUALS)
    assert_same_network(spec)
    forward = source_of(spec).split("def forward")[-1].splitlines()[1:]
    assert [line.strip() for line in forward] == [
        "for layer in self.turns:",
        "y = layer(input)",
        "input = y + input",
        "for layer in self.other:",
        "y = layer(input)",
        "input = y * input",
        "input = self.relu(input)",
        "return input",
    ]


UNEVEN = """\
input: [4]
stages:
  - linear: {name: first, features: 4}
  - residual: {name: a, repeat: 3, body: [{linear: 4}, tanh]}
  - concat: {from: ["a.0", prev]}
"""


def test_a_turn_that_is_read_from_elsewhere_keeps_the_turns_apart() -> None:
    spec = archspec.loads(UNEVEN)
    assert_same_network(spec)
    assert "for layer in" not in source_of(spec)


ROWS = """\
input: [3, 8, 8]
stages:
  - conv: {name: a_modules.0, channels: 4}
  - relu
  - conv: {name: a_modules.1, channels: 4}
"""


def test_a_layer_whose_name_ends_in_modules_is_an_attribute_like_any_other() -> None:
    text = source_of(archspec.loads(ROWS))
    assert "self.a_modules[0](" in text
    assert "_modules = " not in text.replace("a_modules", "")
    assert " modules = " not in text
