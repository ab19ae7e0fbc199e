"""Ops that change the size of a map: interpolation, padding, cropping, pixels to channels and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, keywords
from archspec.backends.torch.emit.registry import emits_expression, emits_module
from archspec.ir.axes import per_axis
from archspec.ir.types import optional_input

if TYPE_CHECKING:
    from archspec.ops.depth_to_space import DepthToSpace
    from archspec.ops.pad import Pad
    from archspec.ops.resize import Resize
    from archspec.ops.space_to_depth import SpaceToDepth

PADDING_CLASSES = {"zeros": "Constant", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}


@emits_module("resize")
def resize(site: Site) -> Construct | None:
    """Construct nn.Upsample for a written scale or size; no module where the size is that of another map."""
    op = cast("Resize", site.op)
    if optional_input(site.inputs, 1) is not None:
        return None
    rank = len(site.inputs[0].spatial_axes)
    options = keywords(
        size=None if op.size is None else per_axis(op.size, rank, "size"),
        scale_factor=op.scale,
        mode=_mode(site),
        # Not False: torch refuses any value of align_corners for nearest.
        align_corners=op.align_corners or None,
    )
    return Construct("nn.Upsample", (), options)


@emits_expression("resize")
def call_resize(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the call of the module, or F.interpolate to the size that `like` has when it runs."""
    if module:
        return f"{module}({arguments[0]})"
    x, like = arguments[:2]
    corners = ", align_corners=True" if cast("Resize", site.op).align_corners else ""
    return f"F.interpolate({x}, size={like}.shape[2:], mode={_mode(site)!r}{corners})"


@emits_module("pad")
def pad(site: Site) -> Construct:
    """Construct nn.ConstantPadNd, ReflectionPadNd, ReplicationPadNd or CircularPadNd."""
    op = cast("Pad", site.op)
    rank = len(site.inputs[0].spatial_axes)
    # torch takes the amounts from the last axis to the first.
    amounts = tuple(amount for pair in reversed(op.pairs(rank)) for amount in pair)
    if any(op.channels):
        amounts = (*amounts, *op.channels)
    arguments = (amounts, op.value) if op.mode == "zeros" else (amounts,)
    return Construct(f"nn.{PADDING_CLASSES[op.mode]}Pad{rank}d", arguments)


@emits_expression("fit")
def fit(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write one F.pad by half of the difference on each side; negative amounts crop."""
    x, like = arguments
    amounts = []
    # F.pad takes the amounts from the last axis to the first.
    for axis in reversed([axis + 1 for axis in site.inputs[0].spatial_axes]):
        difference = f"{like}.shape[{axis}] - {x}.shape[{axis}]"
        amounts += [f"({difference}) // 2", f"({difference} + 1) // 2"]
    return f"F.pad({x}, ({', '.join(amounts)}))"


@emits_module("depth_to_space")
def depth_to_space(site: Site) -> Construct:
    """Construct nn.PixelShuffle."""
    return Construct("nn.PixelShuffle", (cast("DepthToSpace", site.op).factor,))


@emits_module("space_to_depth")
def space_to_depth(site: Site) -> Construct:
    """Construct nn.PixelUnshuffle."""
    return Construct("nn.PixelUnshuffle", (cast("SpaceToDepth", site.op).factor,))


def _mode(site: Site) -> str:
    """Return torch's name of the mode, which has one word for linear in each rank."""
    mode = cast("Resize", site.op).mode
    linear = ("linear", "bilinear", "trilinear")[len(site.inputs[0].spatial_axes) - 1]
    return linear if mode == "linear" else mode
