"""conv_transpose as nn.ConvTranspose1d, ConvTranspose2d or ConvTranspose3d."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ir.axes import per_axis
from archspec.ops.conv_transpose import ConvTranspose


def construct(site: Site) -> Construct:
    """nn.ConvTransposeNd."""
    op = cast(ConvTranspose, site.op)
    rank = len(site.inputs[0].spatial_axes)
    given = {name: per_axis(getattr(op, name), rank, name) for name in _DEFAULTS}
    options = keywords(
        **{name: axes if set(axes) != {_DEFAULTS[name]} else None for name, axes in given.items()},
        groups=op.groups if op.groups != 1 else None,
        bias=None if op.bias else False,
    )
    kernel = per_axis(op.kernel, rank, "kernel")
    return Construct(f"nn.ConvTranspose{rank}d", (site.inputs[0].channels, op.channels, kernel), options)


_DEFAULTS = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
