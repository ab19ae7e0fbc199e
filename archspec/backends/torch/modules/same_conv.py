"""Convolutions with a stride that pad as TensorFlow's SAME does, by what each map's size needs."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def _pad_by_size(x: Tensor, conv: nn.Conv1d | nn.Conv2d | nn.Conv3d) -> Tensor:
    """Pad [B, C, *S] so that ceil(S / stride) windows fit along each axis, the smaller half before."""
    amounts = []
    # F.pad takes the amounts from the last axis to the first.
    for axis in reversed(range(len(conv.stride))):
        reach, stride = conv.dilation[axis] * (conv.kernel_size[axis] - 1), conv.stride[axis]
        needed = reach - (x.shape[axis + 2] - 1) % stride
        # Below zero only where windows leave gaps. Not Python's max, which fixes a size that an exporter left open.
        if reach < stride - 1:
            needed = torch.sym_max(needed, 0)
        amounts += [needed // 2, needed - needed // 2]
    return F.pad(x, amounts)


def _text_by_size(conv: nn.Conv1d | nn.Conv2d | nn.Conv3d) -> str:
    sizes = f"{conv.in_channels}, {conv.out_channels}, kernel_size={conv.kernel_size}, stride={conv.stride}"
    return f"{sizes}, pad=same, dilation={conv.dilation}, groups={conv.groups}, bias={conv.bias is not None}"


class SameConv1d(nn.Conv1d):
    """nn.Conv1d whose padding gives ceil(size / stride) positions at every size; keys stay weight and bias."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, L] to [B, C', ceil(L / stride)]."""
        padded = _pad_by_size(input, self)
        return F.conv1d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text_by_size(self)


class SameConv2d(nn.Conv2d):
    """nn.Conv2d whose padding gives ceil(size / stride) positions at every size; keys stay weight and bias."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C', ceil(H / stride), ceil(W / stride)]."""
        padded = _pad_by_size(input, self)
        return F.conv2d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text_by_size(self)


class SameConv3d(nn.Conv3d):
    """nn.Conv3d whose padding gives ceil(size / stride) positions at every size; keys stay weight and bias."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, D, H, W] to [B, C', ceil(D / stride), ceil(H / stride), ceil(W / stride)]."""
        padded = _pad_by_size(input, self)
        return F.conv3d(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return _text_by_size(self)
