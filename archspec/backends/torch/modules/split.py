"""One tensor cut into several."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Split(nn.Module):
    """Pieces of some sizes along one axis (the batch is axis 0)."""

    def __init__(self, sizes: tuple[int, ...], dim: int) -> None:
        super().__init__()
        self.sizes, self.dim = list(sizes), dim

    def forward(self, input: Tensor) -> tuple[Tensor, ...]:
        """One tensor to as many as there are sizes."""
        return torch.split(input, self.sizes, self.dim)

    def extra_repr(self) -> str:
        return f"{self.sizes}, dim={self.dim}"


class Chunk(nn.Module):
    """Equal parts along one axis (the batch is axis 0)."""

    def __init__(self, parts: int, dim: int) -> None:
        super().__init__()
        self.parts, self.dim = parts, dim

    def forward(self, input: Tensor) -> tuple[Tensor, ...]:
        """One tensor to `parts` tensors."""
        return input.chunk(self.parts, self.dim)

    def extra_repr(self) -> str:
        return f"{self.parts}, dim={self.dim}"
