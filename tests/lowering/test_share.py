"""`share:` whole layers, whole blocks and single tensors: counted once, and an error where it does not fit."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from archspec import SpecError, loads, lower, summarize
from archspec.backends.torch.build import module_of


def build(text: str) -> Any:
    """Return the module; layers are reached as its attributes, of which mypy knows nothing."""
    spec = loads(text)
    return module_of(lower(spec), spec, seed=0)


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def codes(text: str) -> list[tuple[str, int]]:
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    return [(d.code, d.span.line) for d in caught.value.diagnostics]


WHOLE = """
input: [4, 8, 8]
stages:
  - conv: {name: a, channels: 4, kernel: 3, bias: true}
  - relu
  - conv: {name: b, channels: 4, kernel: 3, bias: true, share: a}
"""


def test_a_whole_layer_is_one_module() -> None:
    model, x = build(WHOLE), draw(2, 4, 8, 8)
    assert model.b is model.a
    assert set(model.state_dict()) == {"a.weight", "a.bias", "b.weight", "b.bias"}
    weight, bias = model.a.weight, model.a.bias
    wanted = F.conv2d(F.conv2d(x, weight, bias, padding=1).relu(), weight, bias, padding=1)
    torch.testing.assert_close(model(x), wanted)
    assert summarize(lower(loads(WHOLE))).params == 4 * 4 * 9 + 4 == sum(p.numel() for p in model.parameters())


def test_the_same_weights_at_another_stride_keep_that_stride() -> None:
    text = WHOLE.replace("share: a}", "stride: 2, share: a}")
    model, x = build(text), draw(2, 4, 8, 8)
    assert model.b is not model.a
    assert model.b.weight is model.a.weight
    weight, bias = model.a.weight, model.a.bias
    wanted = F.conv2d(F.conv2d(x, weight, bias, padding=1).relu(), weight, bias, padding=1, stride=2)
    torch.testing.assert_close(model(x), wanted)
    assert summarize(lower(loads(text))).params == sum(p.numel() for p in model.parameters()) == 148


BLOCK = """
input: [6, 16, 16]
blocks:
  head:
    params: {channels: int, stride: 1}
    body:
      - conv: {name: conv, channels: channels, kernel: 3, stride: stride}
      - norm: {name: bn}
      - act
stages:
  - head: {name: large, channels: 6}
  - max_pool: 2
  - head: {name: small, channels: 6, share: large}
"""


def test_a_whole_block_serves_maps_of_several_sizes() -> None:
    model, x = build(BLOCK), draw(2, 6, 16, 16)
    assert model.small is model.large
    with torch.no_grad():
        wanted = model.large(F.max_pool2d(model.large(x), 2))
        torch.testing.assert_close(model.eval()(x), model.large(F.max_pool2d(model.large(x), 2)))
    assert wanted.shape == (2, 6, 8, 8)
    total = summarize(lower(loads(BLOCK))).total
    assert (total.params, total.buffers) == (6 * 6 * 9 + 12, 13)
    rows = summarize(lower(loads(BLOCK)), level="op").rows
    assert sum(row.cost.params for row in rows) == total.params
    assert sum(row.cost.macs for row in rows) == total.macs == 6 * 6 * 9 * (256 + 64)


def test_a_block_with_other_arguments_shares_what_is_inside() -> None:
    text = BLOCK.replace("share: large", "stride: 2, share: large")
    model, x = build(text), draw(2, 6, 16, 16)
    assert model.small is not model.large
    assert model.small.bn is model.large.bn
    assert model.small.conv.weight is model.large.conv.weight
    with torch.no_grad():
        y = F.max_pool2d(model.eval().large(x), 2)
        y = model.large.bn(F.conv2d(y, model.large.conv.weight, padding=1, stride=2)).relu()
        torch.testing.assert_close(model(x), y)
    assert summarize(lower(loads(text))).params == sum(p.numel() for p in model.parameters())


TENSOR = """
inputs: {tokens: {shape: [6], kind: ids, range: 11}}
stages:
  - embedding: {name: wte, count: 11, features: 5, init: {weight: {normal: {std: 0.02}}}}
  - linear: {name: mid, features: 5}
  - linear: {name: lm_head, features: 11, bias: true, share: {weight: wte.weight}}
"""


def test_one_tensor() -> None:
    model = build(TENSOR)
    assert model.lm_head.weight is model.wte.weight
    ids = torch.tensor([[0, 1, 5, 10, 3, 3], [2, 2, 9, 0, 1, 4]])
    y = F.linear(model.mid(model.wte.weight[ids]), model.wte.weight, model.lm_head.bias)
    torch.testing.assert_close(model(ids), y)
    assert (
        summarize(lower(loads(TENSOR))).params == 11 * 5 + 5 * 5 + 5 + 11 == sum(p.numel() for p in model.parameters())
    )


def test_a_shared_tensor_starts_as_its_owner_says() -> None:
    weight = build(TENSOR.replace("count: 11", "count: 4000").replace("features: 11", "features: 4000")).wte.weight
    assert abs(weight.std().item() / 0.02 - 1) < 0.05  # the linear layer's own scheme would give 0.26


def test_a_shared_tensor_stays_one_through_copies() -> None:
    model = build(TENSOR)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), model.double()):
        assert twin.lm_head.weight is twin.wte.weight


def test_bare_and_renamed_tensors() -> None:
    text = """
inputs: {x: {shape: [7, 4], kind: tokens}}
stages:
  - position_embedding: {name: pos}
  - linear: {name: first, features: 4, keys: {weight: proj_weight, bias: proj_bias}, bias: true}
  - position_embedding: {name: again, share: pos}
  - linear: {name: second, features: 4, bias: true, share: {weight: proj_weight}}
  - linear: {name: third, features: 4, bias: true, share: first}
"""
    model, x = build(text), draw(2, 7, 4)
    assert model.again is model.pos
    assert model.second.weight is model.proj_weight
    assert model.third.bias is model.proj_bias
    y = F.linear(x + model.pos, model.proj_weight, model.proj_bias) + model.pos
    y = F.linear(F.linear(y, model.proj_weight, model.second.bias), model.proj_weight, model.proj_bias)
    torch.testing.assert_close(model(x), y)
    assert summarize(lower(loads(text))).params == 28 + 20 + 4 == sum(p.numel() for p in model.parameters())


def test_a_sharer_may_lie_before_its_owner_in_the_module_tree() -> None:
    text = """
input: [4]
stages:
  - linear: {name: left.first, features: 4}
  - linear: {name: right.only, features: 4}
  - linear: {name: left.second, features: 4, share: right.only}
"""
    model = build(text)
    assert model.left.second is model.right.only
    assert model(draw(2, 4)).shape == (2, 4)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("name: b, channels: 4", "name: b, channels: 5", "SHP007"),
        ("name: b, channels: 4, kernel: 3", "name: b, channels: 4, kernel: 1", "SHP007"),
        ("kernel: 3, bias: true, share: a", "kernel: 3, bias: false, share: a", "SHP007"),
        ("share: a", "share: c", "SPC005"),
        ("share: a", "share: b", "SPC005"),
        ("share: a", "share: {weight: a.wait}", "SPC005"),
        ("share: a", "share: {wait: a.weight}", "SPC005"),
        ("share: a", "share: {weight: a.bias}", "SHP007"),
        ("share: a", "share: [a]", "SPC002"),
    ],
)
def test_what_does_not_fit(old: str, new: str, code: str) -> None:
    assert old in WHOLE
    assert codes(WHOLE.replace(old, new)) == [(code, 6)]


@pytest.mark.parametrize("given", ["[]", "[input]"])
def test_a_port_is_no_layer_to_share_with(given: str) -> None:
    text = f"""
input: [3, 8, 8]
blocks:
  b:
    inputs: {{x: map, skips: {{kind: [map], default: []}}}}
    body: [conv: 3, conv: {{channels: 3, share: skips}}]
stages: [b: {{from: {{skips: {given}}}}}]
"""
    with pytest.raises(SpecError, match="there is no earlier layer skips to share with"):
        lower(loads(text))


def test_a_block_that_does_not_fit() -> None:
    assert codes(BLOCK.replace("small, channels: 6", "small, channels: 7")) == [("SHP007", 13)]
    assert codes(BLOCK.replace("share: large", "share: {conv.weight: large.conv.weight}")) == [("SPC002", 13)]
    assert codes(WHOLE.replace("- relu", "- relu: {share: a}")) == [("SPC002", 5)]


@pytest.mark.parametrize("written", ['"enc[n - 1]"', "enc.n - 1"])
def test_an_expression_in_share_is_spelt_right(written: str) -> None:
    text = f"""
input: [8, 32, 32]
params: {{n: 3}}
stages:
  - conv: {{name: enc, channels: 8, repeat: n}}
  - conv: {{channels: 8, share: {written}}}
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("SPC005", 6)
    assert 'write "enc.${n - 1}"' in found.hint
    lower(loads(text.replace(written, '"enc.${n - 1}"')))
