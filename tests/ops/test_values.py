"""What the ops compute, against plain torch: where the shape alone would not tell right from wrong."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from archspec.ir.op import ShapeError
from archspec.ir.types import UNKNOWN, ValueType
from tests.ops.harness import make_op, module_of, run, run_module, site_of

PLANE, TOKENS = ValueType.map(4, 6, 5), ValueType.tokens(6, 8)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_same_padding_is_torchs() -> None:
    site = site_of(make_op("conv", channels=3, kernel=[4, 2], padding="same"), PLANE)
    ours, theirs, x = module_of(site, "cpu"), nn.Conv2d(4, 3, (4, 2), padding="same"), torch.randn(2, 4, 6, 5)
    theirs.load_state_dict(ours.state_dict())
    torch.testing.assert_close(ours(x), theirs(x))


def test_causal_conv_sees_no_later_value() -> None:
    site = site_of(make_op("conv", channels=3, kernel=3, padding="causal", dilation=2), ValueType.map(4, 12))
    module, x = module_of(site, "cpu"), torch.randn(1, 4, 12)
    later = x.clone()
    later[..., 7:] += 1
    torch.testing.assert_close(module(x)[..., :7], module(later)[..., :7])
    assert not torch.allclose(module(x)[..., 7:], module(later)[..., 7:])


def test_layer_norm_and_linear_over_channels_are_those_over_a_moved_axis() -> None:
    x = torch.randn(2, 4, 6, 5)
    for name, arguments in (("layer_norm", {}), ("linear", {"features": 3}), ("rms_norm", {})):
        first = module_of(site_of(make_op(name, axis="channel", **arguments), PLANE), "cpu")
        last = module_of(site_of(make_op(name, **arguments), ValueType("map", (6, 5, 4), 2)), "cpu")
        last.load_state_dict(first.state_dict())
        torch.testing.assert_close(first(x), last(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


def test_attention_is_multihead_attention_between_its_projections() -> None:
    theirs, x = nn.MultiheadAttention(8, 2, batch_first=True), torch.randn(3, 6, 8)
    q, k, v = F.linear(x, theirs.in_proj_weight, theirs.in_proj_bias).chunk(3, -1)
    site = site_of(make_op("attention", heads=2), TOKENS, TOKENS, TOKENS)
    ours = theirs.out_proj(run(site, device="cpu", tensors=(q, k, v)))
    torch.testing.assert_close(ours, theirs(x, x, x)[0])


def test_causal_with_a_mask_is_both() -> None:
    mask = torch.tensor([[True, True, False, True, True, True]]).expand(2, 6)
    site = site_of(make_op("attention", heads=2, causal=True), TOKENS, UNKNOWN, UNKNOWN, ValueType("mask", (6,)))
    x = torch.randn(2, 6, 8)
    found = run(site, device="cpu", tensors=(x, None, None, mask))
    heads = x.reshape(2, 6, 2, 4).transpose(1, 2)
    scores = heads @ heads.transpose(2, 3) / 2
    allowed = torch.ones(6, 6).tril().bool() & mask[:, None, None]
    weights = scores.masked_fill(~allowed, float("-inf")).softmax(-1)
    torch.testing.assert_close(found, (weights @ heads).transpose(1, 2).reshape(2, 6, 8))


def test_to_tokens_and_to_map_undo_each_other() -> None:
    x = torch.randn(2, 4, 6, 5)
    site = site_of(make_op("to_tokens"), PLANE)
    tokens = run(site, device="cpu", tensors=(x,))
    assert torch.equal(tokens[0, 7], x[0, :, 1, 2])
    assert torch.equal(run(site_of(make_op("to_map"), *site.outputs), device="cpu", tensors=(tokens,)), x)
    named = site_of(make_op("to_map"), *site.outputs, PLANE)
    assert torch.equal(run(named, device="cpu", tensors=(tokens, x)), x)


def test_a_module_with_like_follows_its_size_when_it_runs() -> None:
    for name in ("resize", "fit"):
        site = site_of(make_op(name), PLANE, ValueType.map(2, 9, 9))
        found = run(site, device="cpu", tensors=(torch.randn(2, 4, 6, 5), torch.randn(2, 2, 3, 11)))
        assert found.shape == (2, 4, 3, 11)


def test_fit_crops_and_pads_at_the_centre() -> None:
    site = site_of(make_op("fit"), ValueType.map(1, 6, 5), ValueType.map(1, 2, 7))
    x = torch.arange(1.0, 31).reshape(1, 1, 6, 5)
    assert torch.equal(run(site, device="cpu", tensors=(x, torch.zeros(1, 1, 2, 7))), F.pad(x[:, :, 2:4], (1, 1)))


def test_a_vector_joins_a_map_on_channels_even_where_sizes_would_let_it_join_elsewhere() -> None:
    square, vector = ValueType.map(5, 5, 5), ValueType.vector(5)
    site = site_of(make_op("multiply", broadcast=True), square, vector)
    x, v = torch.randn(2, 5, 5, 5), torch.randn(2, 5)
    assert torch.equal(run(site, device="cpu", tensors=(x, v)), x * v.reshape(2, 5, 1, 1))


def test_drop_path_drops_whole_samples_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    module = module_of(site_of(make_op("drop_path", rate=0.25), PLANE), "cpu")
    found = module(torch.ones(4000, 4, 6, 5)).flatten(1)
    assert found.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (found == found[:, :1]).all()
    assert found.mean().item() == pytest.approx(1, abs=0.05)
    assert torch.equal(module.eval()(torch.ones(2, 3)), torch.ones(2, 3))


def test_activations_overwrite_their_input_only_where_the_spec_says() -> None:
    from msgspec.structs import replace

    for name in ("relu", "silu", "hardswish", "leaky_relu", "elu", "relu6", "mish", "hardsigmoid"):
        site = site_of(make_op(name), PLANE)
        for in_place in (False, True):
            x = torch.randn(1, 4, 6, 5)
            spot = replace(site, in_place=in_place)
            found = run_module(spot, module_of(spot, "cpu"), (x,))
            assert (found.data_ptr() == x.data_ptr()) is in_place


WRONG = [
    ("SHP001", "add", {}, (PLANE, ValueType.map(3, 6, 5))),
    ("SHP001", "add", {}, (PLANE, TOKENS)),
    ("SHP009", "add", {}, (PLANE, ValueType.map(4, 1, 1))),
    ("SHP009", "multiply", {}, (PLANE, ValueType.vector(4))),
    ("SHP001", "add", {"broadcast": True}, (PLANE, ValueType.vector(3))),
    ("SHP002", "concat", {}, (PLANE, ValueType.map(4, 6, 4))),
    ("SHP010", "linear", {"features": 3}, (PLANE,)),
    ("SHP010", "layer_norm", {}, (PLANE,)),
    ("SHP010", "batch_norm", {}, (TOKENS,)),
    ("NRM004", "group_norm", {"groups": 3}, (PLANE,)),
    ("NRM007", "instance_norm", {}, (ValueType.map(4, 1, 1),)),
    ("ATT001", "attention", {"heads": 3}, (TOKENS,)),
    ("ATT001", "attention", {"heads": 4, "kv_heads": 3}, (TOKENS,)),
    ("CNV007", "max_pool", {"kernel": 2, "padding": 2}, (PLANE,)),
    ("CNV009", "conv_transpose", {"channels": 2, "output_padding": 1}, (PLANE,)),
    ("CNV010", "depth_to_space", {"factor": 3}, (PLANE,)),
    ("SHP012", "pad", {"padding": 6, "mode": "reflect"}, (PLANE,)),
    ("SHP006", "max_pool", {"kernel": 7}, (PLANE,)),
    ("SHP010", "to_map", {}, (ValueType.tokens(7, 8, (2, 3), 1),)),
    ("SHP010", "to_map", {}, (TOKENS,)),
    ("SHP010", "slice", {"index": 0}, (PLANE,)),
    ("SHP010", "slice", {"index": 6}, (TOKENS,)),
    ("SHP010", "split", {"parts": 3}, (PLANE,)),
    ("SPC002", "split", {}, (PLANE,)),
    ("SPC002", "dropout", {"rate": 1.5}, (PLANE,)),
    ("SPC002", "resize", {}, (PLANE,)),
    ("SPC002", "parameter", {"shape": [2, 3]}, ()),
]


@pytest.mark.parametrize(("code", "name", "arguments", "inputs"), WRONG)
def test_a_wrong_use_has_its_code(code: str, name: str, arguments: Any, inputs: Any) -> None:
    with pytest.raises(ShapeError) as caught:
        site_of(make_op(name, **arguments), *inputs)
    assert caught.value.code == code


def test_tokens_remember_their_grid() -> None:
    tokens = ValueType.tokens(30, 8, (6, 5))
    cls = ValueType.tokens(1, 8)
    (joined,) = site_of(make_op("concat", axis="length"), cls, tokens).outputs
    assert (joined.shape, joined.grid, joined.prefix) == ((31, 8), (6, 5), 1)
    (embedded,) = site_of(make_op("position_embedding"), joined).outputs
    (summed,) = site_of(make_op("add"), ValueType.tokens(31, 8), embedded).outputs
    assert (summed.grid, summed.prefix) == ((6, 5), 1)
    (patches,) = site_of(make_op("slice", start=1), summed).outputs
    assert patches == tokens
    assert site_of(make_op("slice", index=0), summed).outputs == (ValueType.vector(8),)
