"""A map as a row of tokens."""

from __future__ import annotations

from torch import Tensor, nn


class ToTokens(nn.Module):
    """Positions in row-major order, channels last."""

    def __init__(self, channels_first: bool = True) -> None:
        super().__init__()
        self.channels_first = channels_first

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, *S] (or [B, *S, C]) to [B, product of S, C]."""
        return input.flatten(2).transpose(1, 2) if self.channels_first else input.flatten(1, -2)
