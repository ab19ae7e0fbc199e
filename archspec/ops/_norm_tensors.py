"""The tensors of norms, and the count of their operations."""

from __future__ import annotations

from functools import lru_cache

from archspec.ir.op import Tensor
from archspec.ir.types import ValueType


@lru_cache(maxsize=256)
def affine_tensors(channels: int) -> tuple[Tensor, ...]:
    """Return a learned scale and shift for each channel."""
    return (Tensor("weight", (channels,)), Tensor("bias", (channels,)))


@lru_cache(maxsize=256)
def running_tensors(channels: int) -> tuple[Tensor, ...]:
    """Return running statistics for each channel, and the counter of batches."""
    return (
        Tensor("running_mean", (channels,), "buffer"),
        Tensor("running_var", (channels,), "buffer"),
        # torch counts batches for `momentum: null`, and keeps the count in every state_dict.
        Tensor("num_batches_tracked", (), "buffer"),
    )


def norm_flops(x: ValueType, statistics: bool, affine: bool) -> int:
    """Return 2 operations for each element to normalise, 3 more for mean and variance, 2 more for scale and shift."""
    return x.elements * (2 + 3 * statistics + 2 * affine)
