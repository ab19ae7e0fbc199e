"""Sum, mean and maximum over one axis."""

from __future__ import annotations

from torch import Tensor, nn


class _Reduce(nn.Module):
    """One axis (the batch is axis 0) gone, or kept with size 1."""

    def __init__(self, dim: int, keep: bool = False) -> None:
        super().__init__()
        self.dim, self.keep = dim, keep

    def extra_repr(self) -> str:
        return f"dim={self.dim}, keep={self.keep}"


class Sum(_Reduce):
    """The sum over one axis."""

    def forward(self, input: Tensor) -> Tensor:
        """The input without the axis, or with size 1 there."""
        return input.sum(self.dim, keepdim=self.keep)


class Mean(_Reduce):
    """The mean over one axis."""

    def forward(self, input: Tensor) -> Tensor:
        """The input without the axis, or with size 1 there."""
        return input.mean(self.dim, keepdim=self.keep)


class Max(_Reduce):
    """The maximum over one axis."""

    def forward(self, input: Tensor) -> Tensor:
        """The input without the axis, or with size 1 there."""
        return input.amax(self.dim, keepdim=self.keep)
