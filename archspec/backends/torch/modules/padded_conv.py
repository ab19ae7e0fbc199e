"""Convolutions with different padding before and after, along each axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn


def _mode_and_amounts(padding: Iterable[tuple[int, int]], mode: str) -> tuple[str, list[int]]:
    """F.pad's mode, and its amounts: from the last axis to the first."""
    return "constant" if mode == "zeros" else mode, [amount for pair in reversed([*padding]) for amount in pair]


def _text(conv: nn.Conv1d | nn.Conv2d | nn.Conv3d, amounts: list[int]) -> str:
    sizes = f"{conv.in_channels}, {conv.out_channels}, kernel_size={conv.kernel_size}, stride={conv.stride}"
    return f"{sizes}, pad={amounts}, dilation={conv.dilation}, groups={conv.groups}, bias={conv.bias is not None}"


class PaddedConv1d(nn.Conv1d):
    """nn.Conv1d whose padding is a (before, after) pair for its axis; keys stay weight and bias."""

    def __init__(self, *arguments: Any, padding: tuple[tuple[int, int], ...], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.pad_mode, self.pad_amounts = _mode_and_amounts(padding, self.padding_mode)

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, L] to [B, C', L']."""
        padded = F.pad(input, self.pad_amounts, mode=self.pad_mode)
        return F.conv1d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text(self, self.pad_amounts)


class PaddedConv2d(nn.Conv2d):
    """nn.Conv2d whose padding is a (before, after) pair for each axis; keys stay weight and bias."""

    def __init__(self, *arguments: Any, padding: tuple[tuple[int, int], ...], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.pad_mode, self.pad_amounts = _mode_and_amounts(padding, self.padding_mode)

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C', H', W']."""
        padded = F.pad(input, self.pad_amounts, mode=self.pad_mode)
        return F.conv2d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text(self, self.pad_amounts)


class PaddedConv3d(nn.Conv3d):
    """nn.Conv3d whose padding is a (before, after) pair for each axis; keys stay weight and bias."""

    def __init__(self, *arguments: Any, padding: tuple[tuple[int, int], ...], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.pad_mode, self.pad_amounts = _mode_and_amounts(padding, self.padding_mode)

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, D, H, W] to [B, C', D', H', W']."""
        padded = F.pad(input, self.pad_amounts, mode=self.pad_mode)
        return F.conv3d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text(self, self.pad_amounts)
