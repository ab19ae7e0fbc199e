"""Pooling over all of space or length."""

from __future__ import annotations

from torch import Tensor, nn


class GlobalAvgPool(nn.Module):
    """The mean over some axes (the batch is axis 0), which go."""

    def __init__(self, axes: tuple[int, ...]) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, *S] or [B, L, C] to [B, C]."""
        return input.mean(self.axes)

    def extra_repr(self) -> str:
        return f"{self.axes}"


class GlobalMaxPool(nn.Module):
    """The maximum over some axes (the batch is axis 0), which go."""

    def __init__(self, axes: tuple[int, ...]) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, *S] or [B, L, C] to [B, C]."""
        return input.amax(self.axes)

    def extra_repr(self) -> str:
        return f"{self.axes}"
