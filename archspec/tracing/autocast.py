"""The functions of torch that autocast runs in another precision, by the names in its lists.

Source: "Autocast Op Reference" of torch.amp's documentation, as of the torch version in constraints.txt.
"""

from __future__ import annotations

from typing import Literal

from archspec.tracing.arrays import ITEM_BYTES, Array

FLOATS = ("float32", "bfloat16", "float16")
LOWER = frozenset(
    {
        *(f"conv{rank}d" for rank in (1, 2, 3)),
        *(f"conv_transpose{rank}d" for rank in (1, 2, 3)),
        "linear",
        "prelu",
        "scaled_dot_product_attention",
    }
)
FLOAT32 = {
    "cpu": frozenset(
        {
            "adaptive_avg_pool3d",
            "adaptive_max_pool3d",
            "avg_pool3d",
            "max_pool3d",
            "reflection_pad1d",
            "reflection_pad2d",
            *(f"replication_pad{rank}d" for rank in (1, 2, 3)),
        }
    ),
    "gpu": frozenset(
        {
            "group_norm",
            "layer_norm",
            "linalg_vector_norm",
            "rms_norm",
            "softmax",
            "softplus",
            "sum",
            "upsample_bicubic2d",
            "upsample_bilinear2d",
            "upsample_linear1d",
            "upsample_trilinear3d",
            *(f"upsample_nearest{rank}d" for rank in (1, 2, 3)),
        }
    ),
}

Device = Literal["gpu", "cpu"]


def precision(name: str, device: Device, lower: str) -> str:
    """Return the dtype in which autocast to `lower` runs a function; "" where it takes its inputs as they are."""
    if not lower:
        return ""
    if name in LOWER:
        return lower
    return "float32" if name in FLOAT32[device] else ""


def promoted(*arrays: Array) -> str:
    """Return the dtype of an operation on several arrays; arrays without axes do not promote the others."""
    # torch ranks tensors with axes above those without when it promotes dtypes of one kind.
    kinds = [x.dtype for x in arrays if x.shape] or [x.dtype for x in arrays]
    floating = [kind for kind in kinds if kind in FLOATS]
    return max(floating, key=ITEM_BYTES.__getitem__) if floating else kinds[0]
