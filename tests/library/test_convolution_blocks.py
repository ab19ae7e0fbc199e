"""Library blocks for convolutional networks, against torchvision's own or the same written out in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)
from torchvision.models.efficientnet import FusedMBConv, FusedMBConvConfig
from torchvision.models.mobilenetv2 import InvertedResidual
from torchvision.models.shufflenetv2 import channel_shuffle
from torchvision.ops import Conv2dNormActivation, SqueezeExcitation

import archspec
from tests.parity.assertions import assert_same

CONV3 = partial(nn.Conv2d, kernel_size=3, padding=1, bias=False)


class Separable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_dw, self.bn1 = CONV3(8, 8, groups=8, stride=2), nn.BatchNorm2d(8)
        self.conv_pw, self.bn2 = nn.Conv2d(8, 12, 1, bias=False), nn.BatchNorm2d(12)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn2(self.conv_pw(F.relu(self.bn1(self.conv_dw(x))))))


class Eca(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 5, padding=2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate: Tensor = self.conv(x.mean((2, 3))[:, None]).sigmoid()
        return x * gate.transpose(1, 2)[..., None]


class EffectiveSe(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Conv2d(8, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * F.relu6(self.fc(x.mean((2, 3), keepdim=True)) + 3) / 6


class Dense(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(8), nn.Conv2d(8, 12, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(12), CONV3(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))], 1)


class Step(nn.Module):
    def __init__(self, width: int, stride: int) -> None:
        super().__init__()
        self.conv, self.bn = CONV3(width, width, stride=stride), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class Res2Net(nn.Module):
    """Gao et al. 2019; the first block of a stage pools its last part and adds nothing."""

    def __init__(self, starts: bool) -> None:
        super().__init__()
        self.starts, stride = starts, 2 if starts else 1
        after = 16 if starts else 8
        width = after // 4 * 52 // 64
        self.conv1, self.bn1 = nn.Conv2d(8, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.steps = nn.ModuleList(Step(width, stride) for _ in range(3))
        self.conv3, self.bn3 = nn.Conv2d(4 * width, after, 1, bias=False), nn.BatchNorm2d(after)
        if starts:
            self.downsample = nn.Sequential(nn.Conv2d(8, after, 1, 2, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        *parts, last = F.relu(self.bn1(self.conv1(x))).chunk(4, 1)
        outputs: list[Tensor] = []
        for step, part in zip(self.steps, parts, strict=True):
            outputs.append(step(part if self.starts or not outputs else part + outputs[-1]))
        outputs.append(F.avg_pool2d(last, 3, 2, 1) if self.starts else last)
        shortcut = self.downsample(x) if self.starts else x
        return F.relu(self.bn3(self.conv3(torch.cat(outputs, 1))) + shortcut)


class Shuffle(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        shuffled: Tensor = channel_shuffle(x, 4)
        return shuffled


def fused(expansion: int, after: int, stride: int) -> nn.Module:
    config = FusedMBConvConfig(expansion, 3, stride, 8, after, 1)
    block: nn.Module = FusedMBConv(config, 0.0, partial(nn.BatchNorm2d))
    return block


def transition() -> nn.Module:
    names = {"norm": nn.BatchNorm2d(8), "relu": nn.ReLU(), "conv": nn.Conv2d(8, 4, 1, bias=False)}
    found = nn.Sequential()
    for name, module in (names | {"pool": nn.AvgPool2d(2)}).items():
        found.add_module(name, module)
    return found


BLOCKS: dict[str, Callable[[], nn.Module]] = {
    "conv_norm_act: {channels: 12, kernel: 5, stride: 2, groups: 4}": lambda: Conv2dNormActivation(
        8, 12, 5, 2, groups=4
    ),
    "conv_norm_act: {channels: 12, dilation: 2, act: silu}": lambda: Conv2dNormActivation(
        8, 12, dilation=2, activation_layer=nn.SiLU
    ),
    "conv_norm_act: {channels: 12, activate: false}": lambda: Conv2dNormActivation(8, 12, activation_layer=None),
    "norm_act_conv: {channels: 12, stride: 2}": lambda: nn.Sequential(
        nn.BatchNorm2d(8), nn.ReLU(), CONV3(8, 12, stride=2)
    ),
    "depthwise_separable: {channels: 12, stride: 2}": Separable,
    "squeeze_excite: {reduction: 4}": lambda: SqueezeExcitation(8, 2),
    "squeeze_excite: {hidden: 3, activation: silu, gate: hardsigmoid}": lambda: SqueezeExcitation(
        8, 3, nn.SiLU, nn.Hardsigmoid
    ),
    "effective_se": EffectiveSe,
    "eca: {kernel: 5}": Eca,
    "dense_layer: {growth: 4, bottleneck: 3}": Dense,
    "transition": transition,
    "channel_shuffle: 4": Shuffle,
    "res2net_bottleneck: {channels: 8, base_width: 52}": lambda: Res2Net(starts=False),
    "res2net_bottleneck: {channels: 16, base_width: 52, stride: 2, starts: true}": lambda: Res2Net(starts=True),
    "fused_inverted_residual: {channels: 8}": lambda: fused(4, 8, 1),
    "fused_inverted_residual: {channels: 12, stride: 2}": lambda: fused(4, 12, 2),
    "fused_inverted_residual: {channels: 8, expansion: 1}": lambda: fused(1, 8, 1),
    "inverted_residual: {channels: 8}": lambda: InvertedResidual(8, 8, 1, 6),
    "inverted_residual: {channels: 12, stride: 2}": lambda: InvertedResidual(8, 12, 2, 6),
    "inverted_residual: {channels: 8, expansion: 1}": lambda: InvertedResidual(8, 8, 1, 1),
}


@pytest.mark.parametrize("layer", BLOCKS)
def test_a_block_is_its_reference(layer: str) -> None:
    """The block stands at position 0, with the activation that torchvision gives it."""
    act = {"inverted_residual": "relu6", "fused_inverted_residual": "silu"}.get(layer.split(":")[0], "relu")
    text = f"name: t\ninput: [8, 9, 8]\ndefaults: {{act: {act}}}\nstages:\n  - {layer}\n"
    x = torch.randn(2, 8, 9, 8, generator=torch.Generator().manual_seed(6))
    assert_same(archspec.loads(text), nn.Sequential(BLOCKS[layer]()), x, training=layer != "channel_shuffle: 4")


def test_a_mutation_is_noticed() -> None:
    text = "name: t\ninput: [8, 9, 8]\nstages:\n  - squeeze_excite: {reduction: 4, gate: hardsigmoid}\n"
    with pytest.raises(AssertionError):
        assert_same(archspec.loads(text), nn.Sequential(SqueezeExcitation(8, 2)), torch.randn(2, 8, 9, 8))
