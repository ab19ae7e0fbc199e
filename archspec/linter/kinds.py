"""Ops by what they do, as rules ask about them."""

from __future__ import annotations

from typing import Final

from archspec.ir.op import Op
from archspec.ir.types import ValueType

NORMS: Final = ("batch_norm", "instance_norm", "layer_norm", "group_norm", "rms_norm")
BOUNDED_BELOW: Final = ("relu", "relu6", "gelu", "silu", "mish", "hardswish")  # hardly ever negative
RELU_LIKE: Final = (*BOUNDED_BELOW, "leaky_relu", "prelu", "elu")
CONVOLUTIONS: Final = ("conv", "conv_transpose")
POOLS: Final = ("max_pool", "avg_pool")
JOINS: Final = ("add", "concat", "multiply", "gate")
PASSING: Final = ("identity", "dropout", "drop_path")  # what hands on the values it gets, or zeros


def is_depthwise(op: Op, given: ValueType) -> bool:
    """Whether a convolution looks at each of several channels alone."""
    return op.kind in CONVOLUTIONS and given.channels > 1 and getattr(op, "groups", 1) == given.channels
