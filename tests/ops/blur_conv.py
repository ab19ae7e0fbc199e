"""A torch module of an op that is not in the package."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BlurConv2d(nn.Module):
    """A learned 3x3 filter for each channel."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, 1, 3, 3))
        self.stride = stride
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set every filter to the mean of its window."""
        nn.init.constant_(self.weight, 1 / 9)

    def forward(self, input: Tensor) -> Tensor:
        """Return the filtered map: [B, C, H, W] to [B, C, H', W']."""
        return F.conv2d(input, self.weight, None, self.stride, 1, 1, self.weight.shape[0])
