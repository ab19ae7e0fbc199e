"""Stochastic depth."""

from __future__ import annotations

from torch import Tensor, nn


class DropPath(nn.Module):
    """Zeroes whole samples with probability `rate` while training (Huang et al. 2016); draws as torchvision does."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, input: Tensor) -> Tensor:
        """[B, ...] to the same shape."""
        if not self.training or self.rate == 0:
            return input
        kept = 1 - self.rate
        noise = input.new_empty((input.shape[0],) + (1,) * (input.ndim - 1)).bernoulli_(kept)
        return input * (noise.div_(kept) if kept > 0 else noise)

    def extra_repr(self) -> str:
        return f"{self.rate}"
