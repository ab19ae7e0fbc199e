"""resize as nn.Upsample, or F.interpolate to another map's size."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.ir.axes import per_axis
from archspec.ir.types import optional_input
from archspec.ops.resize import Resize


def construct(site: Site) -> Construct | None:
    """nn.Upsample where the scale or the size is written."""
    op = cast(Resize, site.op)
    if optional_input(site.inputs, 1) is not None:
        return None
    rank = len(site.inputs[0].spatial_axes)
    options = keywords(
        size=None if op.size is None else per_axis(op.size, rank, "size"),
        scale_factor=op.scale,
        mode=_mode(site),
        align_corners=op.align_corners or None,
    )
    return Construct("nn.Upsample", (), options)


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """The module, or F.interpolate to the size that `like` has when it runs."""
    if module:
        return f"{module}({arguments[0]})"
    x, like = arguments[:2]
    corners = ", align_corners=True" if cast(Resize, site.op).align_corners else ""
    return f"F.interpolate({x}, size={like}.shape[2:], mode={_mode(site)!r}{corners})"


def _mode(site: Site) -> str:
    mode = cast(Resize, site.op).mode
    linear = ("linear", "bilinear", "trilinear")[len(site.inputs[0].spatial_axes) - 1]
    return linear if mode == "linear" else mode
