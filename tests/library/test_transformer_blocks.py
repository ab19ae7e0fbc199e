"""Library blocks for transformers, against torchvision's, torch's own, or modules written by hand here."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

import tests.parity.torchvision_stub  # noqa: F401  isort: skip  (before torchvision)
from torchvision.models.vision_transformer import EncoderBlock

from tests.library.reference import check, draw

TOKENS = "inputs: {x: {shape: [10, 24], kind: tokens}}"
TWO = "inputs: {x: {shape: [10, 24], kind: tokens}, memory: {shape: [7, 24], kind: tokens}}"


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


def test_patch_embed() -> None:
    class Patches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.proj = nn.Conv2d(3, 24, 4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.proj(x).flatten(2).transpose(1, 2)

    check("patch_embed: {name: b, features: 24, patch: 4}", Patches(), draw(2, 3, 16, 12))
