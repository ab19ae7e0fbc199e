"""A stretch of one axis, or one position of it."""

from __future__ import annotations

from torch import Tensor, nn


class Select(nn.Module):
    """One position of an axis (the batch is axis 0), which goes."""

    def __init__(self, dim: int, index: int) -> None:
        super().__init__()
        self.dim, self.index = dim, index

    def forward(self, input: Tensor) -> Tensor:
        """The input without the axis."""
        return input.select(self.dim, self.index)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, index={self.index}"


class Slice(nn.Module):
    """input[start:stop:step] along one axis (the batch is axis 0)."""

    def __init__(self, dim: int, start: int, stop: int | None, step: int) -> None:
        super().__init__()
        self.dim, self.start, self.stop, self.step = dim, start, stop, step

    def forward(self, input: Tensor) -> Tensor:
        """The input, shorter along the axis."""
        stretch = slice(self.start, self.stop, self.step)
        return input[(slice(None),) * self.dim + (stretch,)]

    def extra_repr(self) -> str:
        return f"dim={self.dim}, {self.start}:{'' if self.stop is None else self.stop}:{self.step}"
