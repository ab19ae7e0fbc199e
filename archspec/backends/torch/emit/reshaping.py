"""Ops that reorder, split or select values and compute none."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, axis_of
from archspec.backends.torch.emit.registry import emits_expression, emits_module
from archspec.ir.types import optional_input

if TYPE_CHECKING:
    from archspec.ops.channel_shuffle import ChannelShuffle
    from archspec.ops.permute import Permute
    from archspec.ops.slice import Slice
    from archspec.ops.split import Split
    from archspec.ops.unflatten import Unflatten


@emits_module("identity")
def identity(site: Site) -> Construct:
    """Construct nn.Identity."""
    return Construct("nn.Identity")


@emits_module("flatten")
def flatten(site: Site) -> Construct:
    """Construct nn.Flatten of all axes but the batch."""
    return Construct("nn.Flatten", (1,))


@emits_module("unflatten")
def unflatten(site: Site) -> Construct:
    """Construct nn.Unflatten of the features."""
    return Construct("nn.Unflatten", (1, cast("Unflatten", site.op).shape))


@emits_module("permute")
def permute(site: Site) -> Construct:
    """Construct modules.permute.Permute; the batch stays first."""
    return Construct("modules.permute.Permute", ((0, *(axis + 1 for axis in cast("Permute", site.op).axes)),))


@emits_module("channel_shuffle")
def channel_shuffle(site: Site) -> Construct:
    """Construct nn.ChannelShuffle."""
    return Construct("nn.ChannelShuffle", (cast("ChannelShuffle", site.op).groups,))


@emits_module("slice")
def slice_axis(site: Site) -> Construct:
    """Construct modules.slice.Select for one position, modules.slice.Slice for a stretch."""
    op = cast("Slice", site.op)
    axis = op.position(site.inputs[0]) + 1
    if op.index is not None:
        return Construct("modules.slice.Select", (axis, op.index))
    return Construct("modules.slice.Slice", (axis, op.start, op.stop, op.step))


@emits_module("split")
def split(site: Site) -> Construct:
    """Construct modules.split.Split by sizes, or modules.split.Chunk, whose equal parts fit any size."""
    op = cast("Split", site.op)
    if op.sizes is None:
        return Construct("modules.split.Chunk", (op.parts, axis_of(site)))
    return Construct("modules.split.Split", (op.sizes, axis_of(site)))


@emits_module("to_tokens")
def to_tokens(site: Site) -> Construct:
    """Construct modules.to_tokens.ToTokens; channels that are last already stay there."""
    first = site.inputs[0].channel_axis == 0
    return Construct("modules.to_tokens.ToTokens", (), () if first else (("channels_first", False),))


@emits_module("to_map")
def to_map(site: Site) -> Construct | None:
    """Construct modules.to_map.ToMap with the grid in it; no module where the size is that of another map."""
    if optional_input(site.inputs, 1) is not None:
        return None
    return Construct("modules.to_map.ToMap", (site.outputs[0].spatial,))


@emits_expression("to_map")
def call_to_map(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """Write the call of the module, or a reshape to the size that `like` has when it runs."""
    if module:
        return f"{module}({arguments[0]})"
    x, like = arguments[:2]
    sizes = ", ".join(f"{like}.shape[{axis + 1}]" for axis in site.inputs[1].spatial_axes)
    return f"{x}.transpose(1, 2).unflatten(2, ({sizes},))"
