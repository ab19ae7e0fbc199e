"""Convolutions and pools that pad as TensorFlow's SAME does, by what each map's size needs."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn


def _each(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def _amounts_by_size(
    x: Tensor, kernel: int | tuple[int, ...], stride: int | tuple[int, ...], dilation: int | tuple[int, ...]
) -> list[tuple[Any, Any]]:
    """Return (before, after) for each axis of S so that ceil(S / stride) windows fit, the smaller half before."""
    rank = x.dim() - 2
    amounts = []
    windows = zip(x.shape[2:], _each(kernel, rank), _each(stride, rank), _each(dilation, rank), strict=True)
    for size, k, s, d in windows:
        reach = d * (k - 1)
        needed = reach - (size - 1) % s
        # Below zero only where windows leave gaps; this is max(needed, 0). Python's own max fixes a size that an
        # exporter left open, and torch.sym_max takes no size of torch.jit.trace.
        if reach < s - 1:
            needed = (needed + abs(needed)) // 2
        amounts.append((needed // 2, needed - needed // 2))
    return amounts


def _pad_by_size(
    x: Tensor,
    kernel: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    dilation: int | tuple[int, ...],
    value: float = 0.0,
) -> Tensor:
    """Pad [B, C, *S] by what its sizes need."""
    amounts = _amounts_by_size(x, kernel, stride, dilation)
    # F.pad takes the amounts from the last axis to the first.
    return F.pad(x, [side for pair in reversed(amounts) for side in pair], value=value)


def _text_by_size(conv: nn.Conv1d | nn.Conv2d | nn.Conv3d) -> str:
    sizes = f"{conv.in_channels}, {conv.out_channels}, kernel_size={conv.kernel_size}, stride={conv.stride}"
    return f"{sizes}, pad=same, dilation={conv.dilation}, groups={conv.groups}, bias={conv.bias is not None}"


class SameConv1d(nn.Conv1d):
    """nn.Conv1d whose padding gives ceil(size / stride) positions at every size; keys stay weight and bias."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, L] to [B, C', ceil(L / stride)]."""
        padded = _pad_by_size(input, self.kernel_size, self.stride, self.dilation)
        return F.conv1d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text_by_size(self)


class SameConv2d(nn.Conv2d):
    """nn.Conv2d whose padding gives ceil(size / stride) positions at every size; keys stay weight and bias."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C', ceil(H / stride), ceil(W / stride)]."""
        padded = _pad_by_size(input, self.kernel_size, self.stride, self.dilation)
        return F.conv2d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text_by_size(self)


class SameConv3d(nn.Conv3d):
    """nn.Conv3d whose padding gives ceil(size / stride) positions at every size; keys stay weight and bias."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, D, H, W] to [B, C', ceil(D / stride), ceil(H / stride), ceil(W / stride)]."""
        padded = _pad_by_size(input, self.kernel_size, self.stride, self.dilation)
        return F.conv3d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text_by_size(self)


class SameMaxPool1d(nn.MaxPool1d):
    """nn.MaxPool1d with TensorFlow's SAME: ceil(L / stride) windows; padding never wins."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, L] to [B, C, L']."""
        padded = _pad_by_size(input, self.kernel_size, self.stride, self.dilation, -float("inf"))
        return F.max_pool1d(padded, self.kernel_size, self.stride, 0, self.dilation)


class SameMaxPool2d(nn.MaxPool2d):
    """nn.MaxPool2d with TensorFlow's SAME: ceil(n / stride) windows along each axis; padding never wins."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, H', W']."""
        padded = _pad_by_size(input, self.kernel_size, self.stride, self.dilation, -float("inf"))
        return F.max_pool2d(padded, self.kernel_size, self.stride, 0, self.dilation)


class SameMaxPool3d(nn.MaxPool3d):
    """nn.MaxPool3d with TensorFlow's SAME: ceil(n / stride) windows along each axis; padding never wins."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, D, H, W] to [B, C, D', H', W']."""
        padded = _pad_by_size(input, self.kernel_size, self.stride, self.dilation, -float("inf"))
        return F.max_pool3d(padded, self.kernel_size, self.stride, 0, self.dilation)


def _padding_of_both_sides(x: Tensor, kernel: int | tuple[int, ...], stride: int | tuple[int, ...]) -> list[Any]:
    """Return a padding for both sides of each axis with which torch's average pools have the windows of SAME.

    With a stride that is SAME's padding before the map: `ceil_mode` makes a last, partial window of what is missing
    after it. An even kernel at stride 1 misses a whole position, and has one window too many before the first. A
    pool's padding is a number for torch.export: a program with open sizes needs an average without `same`.
    """
    rank = x.dim() - 2
    axes = zip(_amounts_by_size(x, kernel, stride, 1), _each(stride, rank), strict=True)
    return [after if s == 1 else before for (before, after), s in axes]


def _leave_leading_out(y: Tensor, kernel: int | tuple[int, ...], stride: int | tuple[int, ...]) -> Tensor:
    """Leave out the windows before the first of SAME: see `_padding_of_both_sides`."""
    rank = y.dim() - 2
    for axis, (k, s) in enumerate(zip(_each(kernel, rank), _each(stride, rank), strict=True), 2):
        if s == 1 and k % 2 == 0:
            y = y.narrow(axis, 1, y.shape[axis] - 1)
    return y


class SameAvgPool1d(nn.AvgPool1d):
    """nn.AvgPool1d with TensorFlow's SAME: ceil(L / stride) windows; the mean is of the map's values alone."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, L] to [B, C, L']."""
        padding = _padding_of_both_sides(input, self.kernel_size, self.stride)
        pooled = F.avg_pool1d(input, self.kernel_size, self.stride, padding, True, False)
        return _leave_leading_out(pooled, self.kernel_size, self.stride)


class SameAvgPool2d(nn.AvgPool2d):
    """nn.AvgPool2d with TensorFlow's SAME: ceil(n / stride) windows; the mean is of the map's values alone."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, H', W']."""
        padding = _padding_of_both_sides(input, self.kernel_size, self.stride)
        pooled = F.avg_pool2d(input, self.kernel_size, self.stride, padding, True, False)
        return _leave_leading_out(pooled, self.kernel_size, self.stride)


class SameAvgPool3d(nn.AvgPool3d):
    """nn.AvgPool3d with TensorFlow's SAME: ceil(n / stride) windows; the mean is of the map's values alone."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, D, H, W] to [B, C, D', H', W']."""
        padding = _padding_of_both_sides(input, self.kernel_size, self.stride)
        pooled = F.avg_pool3d(input, self.kernel_size, self.stride, padding, True, False)
        return _leave_leading_out(pooled, self.kernel_size, self.stride)
