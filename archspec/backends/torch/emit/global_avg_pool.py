"""global_avg_pool as a module."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """modules.global_pool.GlobalAvgPool over all axes but batch and channels."""
    x = site.inputs[0]
    axes = tuple(axis + 1 for axis in range(len(x.shape)) if axis != x.channel_axis)
    return Construct("modules.global_pool.GlobalAvgPool", (axes,))
