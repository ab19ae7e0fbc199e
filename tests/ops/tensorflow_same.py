"""The padding that TensorFlow calls SAME, which tests compare `padding: same` with.

https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Return what SAME adds before and after an axis, as TensorFlow's documentation has it."""
    window = (kernel - 1) * dilation + 1
    rest = size % stride
    total = max(window - stride, 0) if rest == 0 else max(window - rest, 0)
    return total // 2, total - total // 2


def pad_same(
    x: Tensor, kernel: int | Sequence[int], stride: int | Sequence[int], dilation: int = 1, fill: float = 0.0
) -> Tensor:
    """Return a batch of maps with SAME's padding around each axis, of one kernel and stride or of one for each axis."""
    shape = x.shape[2:]
    kernels, strides = ([of] * len(shape) if isinstance(of, int) else of for of in (kernel, stride))
    axes = zip(shape, kernels, strides, strict=True)
    pairs = [same_padding(size, k, s, dilation) for size, k, s in axes]
    return F.pad(x, [side for pair in reversed(pairs) for side in pair], value=fill)
