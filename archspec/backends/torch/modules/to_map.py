"""A row of tokens as a map."""

from __future__ import annotations

from torch import Tensor, nn


class ToMap(nn.Module):
    """Tokens laid out on a grid in row-major order, channels first."""

    def __init__(self, grid: tuple[int, ...]) -> None:
        super().__init__()
        self.grid = grid

    def forward(self, input: Tensor) -> Tensor:
        """[B, product of grid, C] to [B, C, *grid]."""
        return input.transpose(1, 2).reshape(input.shape[0], input.shape[2], *self.grid)

    def extra_repr(self) -> str:
        return f"{self.grid}"
