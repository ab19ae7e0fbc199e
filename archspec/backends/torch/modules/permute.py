"""Axes in another order."""

from __future__ import annotations

from torch import Tensor, nn


class Permute(nn.Module):
    """input.permute(axes), the batch included."""

    def __init__(self, axes: tuple[int, ...]) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, input: Tensor) -> Tensor:
        """A view with the axes in that order."""
        return input.permute(self.axes)

    def extra_repr(self) -> str:
        return f"{self.axes}"
