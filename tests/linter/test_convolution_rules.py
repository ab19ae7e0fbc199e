"""The convolution rules against what torch computes; where they must report and where not."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

import archspec
from tests.linter.text_fixes import with_fixes


def codes(layers: str, shape: str = "[16, 24, 24]", only: str = "CNV") -> list[str]:
    return [d.code for d in archspec.lint(f"input: {shape}\nstages:\n{layers}", select=(only,))]


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 6, 8])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_a_checkerboard_is_what_ones_become(kernel: int, stride: int, dilation: int) -> None:
    layer = nn.ConvTranspose1d(1, 1, kernel, stride, dilation=dilation, bias=False)
    nn.init.ones_(layer.weight)
    inner = layer(torch.ones(1, 1, 80))[0, 0, 24:56]
    uneven = bool((inner != inner[0]).any())
    arguments = f"channels: 1, kernel: {kernel}, stride: {stride}, dilation: {dilation}"
    assert codes(f"  - conv_transpose: {{{arguments}}}", "[1, 80]", "CNV008") == ["CNV008"] * uneven


@pytest.mark.parametrize(("kernel", "stride"), [(1, 2), (2, 3), (3, 4), (3, 3), (3, 2), (5, 4), (7, 8)])
def test_a_stride_above_the_kernel_leaves_pixels_without_a_gradient(kernel: int, stride: int) -> None:
    x = torch.ones(1, 16, 48, requires_grad=True)
    nn.Conv1d(16, 4, kernel, stride)(x).sum().backward()
    assert x.grad is not None
    reached = x.grad[0].abs().sum(0) > 0
    unseen = not bool(reached[: 24 * (48 // 24) - 2 * stride].all())
    arguments = f"channels: 4, kernel: {kernel}, stride: {stride}, padding: 0"
    assert codes(f"  - conv: {{{arguments}}}", "[16, 48]", "CNV006") == ["CNV006"] * unseen


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(("kernel", "dilation"), [(2, 1), (3, 1), (4, 1), (6, 1), (2, 2), (2, 3), (4, 2), (5, 3)])
def test_same_padding_of_an_even_reach_moves_the_middle(kernel: int, dilation: int) -> None:
    layer = nn.Conv1d(1, 1, kernel, padding="same", dilation=dilation, bias=False)
    nn.init.ones_(layer.weight)
    x = torch.zeros(1, 1, 41)
    x[..., 20] = 1
    seen = layer(x)[0, 0].nonzero().double()
    moved = float(seen.mean()) != 20
    arguments = f"channels: 1, kernel: {kernel}, dilation: {dilation}, padding: same"
    assert codes(f"  - conv: {{{arguments}}}", "[1, 41]", "CNV005") == ["CNV005"] * moved


@pytest.mark.parametrize("between", ["", "  - identity\n", "  - dropout: 0.5\n", "  - relu\n", "  - max_pool: 2\n"])
def test_two_convolutions_are_linear_together_unless_something_is_between(between: str) -> None:
    ops = {"": [], "  - identity\n": [], "  - dropout: 0.5\n": None, "  - relu\n": [nn.ReLU()]}.get(
        between, [nn.MaxPool2d(2)]
    )
    reported = codes(f"  - conv: 16\n{between}  - conv: 16\n  - relu", only="CNV011") == ["CNV011"]
    if ops is None:
        assert not reported  # dropout is random; nobody stacks so by mistake
        return
    net = nn.Sequential(nn.Conv2d(16, 16, 3, bias=False), *ops, nn.Conv2d(16, 16, 3, bias=False)).double()
    x, y = torch.randn(2, 1, 16, 24, 24, dtype=torch.double)
    assert reported == torch.allclose(net(x + y), net(x) + net(y))


LAYERS = {
    "a kernel for each axis": (
        "  - conv: {channels: 16, kernel: [1, 3]}\n  - conv: {channels: 16, kernel: [3, 1]}",
        [],
    ),
    "one axis twice": (
        "  - conv: {channels: 16, kernel: [1, 3]}\n  - conv: {channels: 16, kernel: [1, 3]}",
        ["CNV011"],
    ),
    "a low rank": ("  - conv: {channels: 4, kernel: 1}\n  - conv: {channels: 16, kernel: 3}", []),
    "a bottleneck without activations": ("  - conv: {channels: 8, kernel: 1}\n  - conv: 8\n  - relu", ["CNV011"]),
    "grouped, not depthwise": ("  - conv: {channels: 16, groups: 4}\n  - conv: 16", ["CNV011"]),
    "depthwise": ("  - conv: {channels: 16, groups: 16}\n  - conv: {channels: 16, kernel: 1}", []),
    "in different blocks": ("  - norm_act_conv: 16\n  - conv_norm_act: 16", ["CNV011"]),
    "in a block that is used twice": ("  - conv_norm_act: {channels: 16, repeat: 2}", []),
    "pooled every second position": ("  - max_pool: {kernel: 1, stride: 2}\n  - conv: 16", []),
    "a strided 1x1": ("  - conv: {channels: 32, kernel: 1, stride: 2}\n  - relu", ["CNV006"]),
    "a strided 1x1 beside a pooling": (
        "  - branches: {merge: concat, of: [[{conv: {channels: 8, kernel: 1, stride: 2}}], [{max_pool: 2}]]}",
        [],
    ),
    "a projection by name": ("  - projection: {channels: 32, stride: 2}", []),
    "a kernel as large as the map": ("  - conv: {channels: 8, kernel: 24, stride: 32, padding: 0}", []),
    "depthwise at the end": ("  - relu\n  - conv: {channels: 16, groups: 16}", ["CNV003"]),
    "depthwise, then norms alone": ("  - conv: {channels: 16, groups: 16}\n  - norm\n  - global_avg_pool", ["CNV003"]),
    "depthwise, then a linear layer": ("  - conv: {channels: 16, groups: 16}\n  - flatten\n  - linear: 10", []),
    "depthwise, then a grouped one": (
        "  - conv: {channels: 16, groups: 16}\n  - relu\n  - conv: {channels: 16, groups: 4}",
        [],
    ),
    "a causal kernel of 2": ("  - residual: [{conv: {channels: 16, kernel: 2, padding: causal}}]", []),
    "a wide position embedding": (
        "  - relu: {name: x}\n  - conv: {channels: 16, kernel: 16, padding: 8, groups: 4}\n"
        "  - fit: {from: {x: prev, like: x}}\n  - add: [x, prev]",
        [],
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_where_the_rules_speak(name: str) -> None:
    layers, expected = LAYERS[name]
    assert codes(layers) == expected


def test_what_a_depthwise_convolution_could_give_is_reported() -> None:
    text = "input: [24, 8, 8]\nstages: [{conv: {channels: 64, groups: 24}}]\n"
    (found,) = archspec.lint(text, select=("CNV",))
    assert (found.code, found.hint) == ("CNV002", "give it 48 or 72 channels; a 1x1 convolution mixes them")
    with pytest.raises(ValueError, match="divisible"):
        nn.Conv2d(24, 64, 3, groups=24)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "extra"), [(3, 2, 1, 1), (5, 2, 2, 1), (5, 3, 1, 0), (25, 4, 11, 1)]
)
def test_a_fixed_transposed_convolution_keeps_the_size(kernel: int, stride: int, padding: int, extra: int) -> None:
    arguments = f"kernel: {kernel}, stride: {stride}, padding: {padding}, output_padding: {extra}"
    text = f"input: [4, 10]\nstages:\n  - conv_transpose: {{channels: 4, {arguments}}}\n"
    found = archspec.lint(text)
    assert [d.code for d in found] == ["CNV008"]
    channels, larger, by, cut, more = map(int, re.findall(r"\w+: (\d+)", with_fixes(text, found)))
    assert (channels, larger % by, by) == (4, 0, stride)
    before = nn.ConvTranspose1d(4, 4, kernel, stride, padding, extra)(torch.ones(1, 4, 10))
    assert nn.ConvTranspose1d(4, 4, larger, by, cut, more)(torch.ones(1, 4, 10)).shape == before.shape
