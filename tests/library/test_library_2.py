"""Library blocks against torchvision's, torch's own, or modules written by hand here."""

from __future__ import annotations

from functools import partial
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
from torchvision.models.vision_transformer import EncoderBlock

from archspec import loads
from tests.parity.assertions import assert_same


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(2))


class Named(nn.Module):
    """A module under the name that the spec gives its one block."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.b = block

    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        return self.b(*x)


def check(layer: str, block: nn.Module, *inputs: torch.Tensor, extra: str = "", training: bool = True) -> nn.Module:
    """The layer, named b, equals the block on these inputs; `extra` declares the inputs that are no map."""
    declared = extra or f"input: {list(inputs[0].shape[1:])}"
    return assert_same(loads(f"{declared}\nstages:\n  - {layer}\n"), Named(block), *inputs, training=training)


TOKENS = "inputs: {x: {shape: [10, 24], kind: tokens}}"
TWO = "inputs: {x: {shape: [10, 24], kind: tokens}, memory: {shape: [7, 24], kind: tokens}}"


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


def test_encoder_layer() -> None:
    layer = "encoder_layer: {name: b, heads: 4, hidden: 30}"
    check(layer, EncoderBlock(4, 24, 30, 0.0, 0.0, partial(nn.LayerNorm, eps=1e-5)), draw(2, 10, 24), extra=TOKENS)


def test_encoder_layer_is_torchs() -> None:
    """nn.TransformerEncoderLayer with the norm first, its parts under our names."""
    layer = "encoder_layer: {name: b, heads: 3, hidden: 30, feed_forward: {mlp: {act: relu}}}"

    class Torch(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(24), nn.LayerNorm(24)
            self.self_attention = nn.MultiheadAttention(24, 3, batch_first=True)
            self.mlp: Any = nn.ModuleDict({"0": nn.Linear(24, 30), "3": nn.Linear(30, 24)})

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            whole = nn.TransformerEncoderLayer(24, 3, 30, 0.0, batch_first=True, norm_first=True)
            whole.norm1, whole.norm2, whole.self_attn = self.ln_1, self.ln_2, self.self_attention
            whole.linear1, whole.linear2 = self.mlp["0"], self.mlp["3"]
            return whole.train(self.training)(x)

    check(layer, Torch(), draw(2, 10, 24), extra=TOKENS)


class DecoderLayer(nn.Module):
    """nn.TransformerDecoderLayer's parts under our names, the attention to the memory with separate projections."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(24) for _ in range(3))
        self.self_attention = nn.MultiheadAttention(24, 4, batch_first=True)
        names = ("q_proj", "k_proj", "v_proj", "out_proj")
        self.cross_attention = nn.ModuleDict({name: nn.Linear(24, 24) for name in names})
        self.mlp = nn.ModuleDict({"0": nn.Linear(24, 96), "3": nn.Linear(96, 24)})

    def forward(self, x: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        y = self.norm1(x)
        x = x + self.self_attention(y, y, y, attn_mask=later, need_weights=False)[0]
        cross = self.cross_attention
        q, k, v = cross["q_proj"](self.norm2(x)), cross["k_proj"](memory), cross["v_proj"](memory)
        q, k, v = (t.unflatten(2, (4, 6)).transpose(1, 2) for t in (q, k, v))
        weights = (q @ k.transpose(2, 3) / 6**0.5).softmax(-1)
        x = x + cross["out_proj"]((weights @ v).transpose(1, 2).flatten(2))
        return x + self.mlp["3"](F.gelu(self.mlp["0"](self.norm3(x))))


def test_decoder_layer() -> None:
    layer = "decoder_layer: {name: b, from: {x: x, memory: memory}, heads: 4}"
    check(layer, DecoderLayer(), draw(2, 10, 24), draw(2, 7, 24), extra=TWO)


class SwiGLU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w1, self.w3, self.w2 = (nn.Linear(*s, bias=False) for s in ((24, 40), (24, 40), (40, 24)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


def test_swiglu() -> None:
    check("swiglu: {name: b, hidden: 40}", SwiGLU(), draw(2, 10, 24), extra=TOKENS)


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


def test_patch_embed() -> None:
    class Patches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.proj = nn.Conv2d(3, 24, 4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.proj(x).flatten(2).transpose(1, 2)

    check("patch_embed: {name: b, features: 24, patch: 4}", Patches(), draw(2, 3, 16, 12))
