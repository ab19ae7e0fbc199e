"""A library block compared with a module."""

from __future__ import annotations

import torch
from torch import nn

from archspec import loads
from tests.parity.assertions import assert_same


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(2))


class Named(nn.Module):
    """A module under the name of the only block of a spec."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.b = block

    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        return self.b(*x)


def check(layer: str, block: nn.Module, *inputs: torch.Tensor, extra: str = "", training: bool = True) -> nn.Module:
    """Assert that the layer, named b, equals the block on these inputs; `extra` declares the inputs that are no map."""
    declared = extra or f"input: {list(inputs[0].shape[1:])}"
    return assert_same(loads(f"{declared}\nstages:\n  - {layer}\n"), Named(block), *inputs, training=training)
