"""Declarations that make torchvision's Python models importable with a torch that its operators were not built for.

Import this before torchvision. Its modules register fake kernels for operators of their extension when they are
imported, which fails unless the operators exist; here they are declared and never called.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import torch

_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width,"
    " int sampling_ratio, bool aligned) -> Tensor",
    "roi_pool(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width) -> (Tensor, Tensor)",
    "ps_roi_align(Tensor input) -> Tensor",
    "ps_roi_pool(Tensor input) -> Tensor",
    "deform_conv2d(Tensor input) -> Tensor",
    "_roi_align_backward(Tensor grad) -> Tensor",
    "_roi_pool_backward(Tensor grad) -> Tensor",
    "_ps_roi_align_backward(Tensor grad) -> Tensor",
    "_ps_roi_pool_backward(Tensor grad) -> Tensor",
    "_deform_conv2d_backward(Tensor grad) -> Tensor",
)


def _load_extension() -> None:
    """Load the compiled operators where they fit this torch: then nothing needs to be declared."""
    spec = find_spec("torchvision")
    if spec is not None and spec.origin is not None:
        with suppress(OSError):
            torch.ops.load_library(str(Path(spec.origin).with_name("_C.so")))


def _declare_operators() -> torch.library.Library:
    """Return the library that declares the operators which no loaded extension has; they live as long as it does."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _OPERATORS:
        name = schema.split("(", 1)[0]
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)
    return library


_load_extension()
LIBRARY = _declare_operators()
