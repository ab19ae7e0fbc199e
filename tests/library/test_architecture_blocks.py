"""Library blocks named after an architecture, against torchvision's own or modules written by hand here."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)
from torchvision.models.convnext import CNBlock
from torchvision.models.googlenet import Inception
from torchvision.models.segmentation.deeplabv3 import ASPP
from torchvision.models.segmentation.fcn import FCNHead
from torchvision.models.squeezenet import Fire

from tests.library.reference import check, draw


def test_fire() -> None:
    check("fire: {name: b, squeeze: 5, expand: 8}", Fire(12, 5, 8, 8), draw(2, 12, 9, 9))


def test_inception() -> None:
    layer = "inception: {name: b, channels: [4, 5, 6, 3, 8, 7], defaults: {batch_norm: {eps: 0.001}}}"
    check(layer, Inception(12, 4, 5, 6, 3, 8, 7), draw(2, 12, 9, 9))


def test_aspp() -> None:
    layer = "aspp: {name: b, channels: 8, rates: [2, 3], dropout: 0.0}"
    block = ASPP(12, [2, 3], 8)
    block.project[3].p = 0.0
    check(layer, block, draw(2, 12, 9, 11))


def test_fcn_head() -> None:
    check("fcn_head: {name: b, classes: 3}", FCNHead(12, 3), draw(2, 12, 9, 9), training=False)


def test_convnext_block() -> None:
    check("convnext_block: {name: b, defaults: {layer_norm: {eps: 1.0e-6}}}", CNBlock(12, 1.0, 0.0), draw(2, 12, 9, 9))


class ConvNeXtBlock1d(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = nn.ModuleDict(
            {
                "0": nn.Conv1d(width, width, 7, padding=3, groups=width),
                "2": nn.LayerNorm(width),
                "3": nn.Linear(width, 4 * width),
                "5": nn.Linear(4 * width, width),
            }
        )
        self.layer_scale = nn.Parameter(torch.ones(width, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.block["2"](self.block["0"](x).transpose(1, 2))
        return x + self.layer_scale * self.block["5"](F.gelu(self.block["3"](y))).transpose(1, 2)


def test_convnext_block_on_a_signal() -> None:
    check("convnext_block: {name: b}", ConvNeXtBlock1d(6), draw(2, 6, 20))


def conv_bn(before: int, after: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(after)]


class OSA(nn.Module):
    def __init__(self, residual: bool) -> None:
        super().__init__()
        self.residual = residual
        widths = (12, 5, 5, 5)
        self.layers: Any = nn.ModuleList(
            nn.ModuleDict({"step": nn.Sequential(*conv_bn(before, 5, 3))}) for before in widths[:3]
        )
        self.join = nn.Sequential(*conv_bn(12 + 15, 12, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        steps = [x]
        for layer in self.layers:
            steps.append(layer["step"](steps[-1]).relu())
        y = self.join(torch.cat(steps, 1)).relu()
        return y + x if self.residual else y


@pytest.mark.parametrize("residual", [False, True])
def test_osa(residual: bool) -> None:
    layer = f"osa: {{name: b, channels: 12, mid: 5, depth: 3, residual: {str(residual).lower()}}}"
    check(layer, OSA(residual), draw(2, 12, 9, 9))


class RepVGG(nn.Module):
    def __init__(self, after: int, stride: int) -> None:
        super().__init__()
        self.conv3, self.bn3 = conv_bn(12, after, 3, stride)
        self.conv1, self.bn1 = conv_bn(12, after, 1, stride)
        if after == 12 and stride == 1:
            self.identity = nn.BatchNorm2d(12)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn3(self.conv3(x)) + self.bn1(self.conv1(x))
        return (y + self.identity(x) if hasattr(self, "identity") else y).relu()


@pytest.mark.parametrize(("after", "stride"), [(12, 1), (16, 1), (12, 2)])
def test_rep_block(after: int, stride: int) -> None:
    check(f"rep_block: {{name: b, channels: {after}, stride: {stride}}}", RepVGG(after, stride), draw(2, 12, 9, 9))


class AttentionGate(nn.Module):
    def __init__(self) -> None:
        super().__init__()

        def pair(before: int, after: int) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(before, after, 1), nn.BatchNorm2d(after))

        self.gate, self.key, self.psi = pair(12, 5), pair(8, 5), pair(5, 1)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return skip * torch.sigmoid(self.psi((self.gate(x) + self.key(skip)).relu()))


def test_attention_gate() -> None:
    inputs = "inputs: {x: {shape: [12, 9, 9]}, skip: {shape: [8, 9, 9]}}"
    layer = "attention_gate: {name: b, channels: 5, from: {x: x, skip: skip}}"
    check(layer, AttentionGate(), draw(2, 12, 9, 9), draw(2, 8, 9, 9), extra=inputs)
