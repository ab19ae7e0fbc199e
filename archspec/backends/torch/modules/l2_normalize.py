"""Division by the Euclidean norm."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class L2Normalize(nn.Module):
    """x / max(|x|, eps) along one axis (the batch is axis 0)."""

    def __init__(self, dim: int, eps: float = 1e-12) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, input: Tensor) -> Tensor:
        """[B, ...] to the same shape."""
        return F.normalize(input, dim=self.dim, eps=self.eps)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, eps={self.eps}"
