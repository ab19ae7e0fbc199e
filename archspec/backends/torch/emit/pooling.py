"""Pooling: with a sliding window, to a fixed size, and over everything but the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.backends.torch.emit.registry import emits_module
from archspec.ir.axes import per_axis

if TYPE_CHECKING:
    from archspec.ops._adaptive_pooling import AdaptivePool
    from archspec.ops.avg_pool import AvgPool
    from archspec.ops.max_pool import MaxPool


@emits_module("max_pool")
def max_pool(site: Site) -> Construct:
    """Construct nn.MaxPoolNd, or a class that pads by the size of its input."""
    op = cast("MaxPool", site.op)
    rank = len(site.inputs[0].spatial_axes)
    kernel, stride, dilation = op.window(rank)
    padding = op.even_padding(rank)
    options = keywords(
        stride=stride if stride != kernel else None,
        padding=padding if padding and any(padding) else None,
        dilation=dilation if set(dilation) != {1} else None,
        ceil_mode=True if op.ceil and op.padding != "same" else None,
    )
    return Construct(f"{_class_prefix(padding)}MaxPool{rank}d", (kernel,), options)


@emits_module("avg_pool")
def avg_pool(site: Site) -> Construct:
    """Construct nn.AvgPoolNd, or a class that pads by the size of its input."""
    op = cast("AvgPool", site.op)
    rank = len(site.inputs[0].spatial_axes)
    kernel, stride, _ = op.window(rank)
    padding = op.even_padding(rank)
    options = keywords(
        stride=stride if stride != kernel else None,
        padding=padding if padding and any(padding) else None,
        # The classes of `same`, which have no padding here, do not count theirs.
        count_include_pad=False if padding is not None and not op.counts_padding else None,
        ceil_mode=True if op.ceil and op.padding != "same" else None,
    )
    return Construct(f"{_class_prefix(padding)}AvgPool{rank}d", (kernel,), options)


def _class_prefix(padding: tuple[int, ...] | None) -> str:
    return "nn." if padding is not None else "modules.same_windows.Same"


@emits_module("adaptive_avg_pool")
def adaptive_avg_pool(site: Site) -> Construct:
    """Construct nn.AdaptiveAvgPoolNd."""
    return _adaptive(site, "nn.AdaptiveAvgPool")


@emits_module("adaptive_max_pool")
def adaptive_max_pool(site: Site) -> Construct:
    """Construct nn.AdaptiveMaxPoolNd."""
    return _adaptive(site, "nn.AdaptiveMaxPool")


@emits_module("global_avg_pool")
def global_avg_pool(site: Site) -> Construct:
    """Construct modules.global_pool.GlobalAvgPool over all axes but batch and channels."""
    return Construct("modules.global_pool.GlobalAvgPool", (_axes_but_channels(site),))


@emits_module("global_max_pool")
def global_max_pool(site: Site) -> Construct:
    """Construct modules.global_pool.GlobalMaxPool over all axes but batch and channels."""
    return Construct("modules.global_pool.GlobalMaxPool", (_axes_but_channels(site),))


def _adaptive(site: Site, target: str) -> Construct:
    rank = len(site.inputs[0].spatial_axes)
    return Construct(f"{target}{rank}d", (per_axis(cast("AdaptivePool", site.op).size, rank, "size"),))


def _axes_but_channels(site: Site) -> tuple[int, ...]:
    x = site.inputs[0]
    return tuple(axis + 1 for axis in range(len(x.shape)) if axis != x.channel_axis)
