"""Norms over the batch, groups, channels or features."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, axis_of, channels_are_last, keywords
from archspec.backends.torch.emit.registry import emits_functional, emits_module

if TYPE_CHECKING:
    from archspec.ops.batch_norm import BatchNorm
    from archspec.ops.group_norm import GroupNorm
    from archspec.ops.instance_norm import InstanceNorm
    from archspec.ops.l2_normalize import L2Normalize
    from archspec.ops.layer_norm import LayerNorm
    from archspec.ops.rms_norm import RMSNorm


@emits_module("batch_norm")
def batch_norm(site: Site) -> Construct:
    """Construct nn.BatchNormNd, 1d for a vector."""
    op, x = cast("BatchNorm", site.op), site.inputs[0]
    options = keywords(
        eps=op.eps if op.eps != 1e-5 else None,
        affine=None if op.affine else False,
        track_running_stats=None if op.track else False,
    )
    # A momentum of None means a cumulative average to torch, and keywords() would leave it out.
    momentum = (("momentum", op.momentum),) if op.momentum != 0.1 else ()
    return Construct(f"nn.BatchNorm{len(x.spatial_axes) or 1}d", (x.channels,), (*options, *momentum))


@emits_module("group_norm")
def group_norm(site: Site) -> Construct:
    """Construct nn.GroupNorm."""
    op = cast("GroupNorm", site.op)
    options = keywords(eps=op.eps if op.eps != 1e-5 else None, affine=None if op.affine else False)
    return Construct("nn.GroupNorm", (op.groups, site.inputs[0].channels), options)


@emits_module("instance_norm")
def instance_norm(site: Site) -> Construct:
    """Construct nn.InstanceNormNd."""
    op, x = cast("InstanceNorm", site.op), site.inputs[0]
    options = keywords(
        eps=op.eps if op.eps != 1e-5 else None,
        momentum=op.momentum if op.momentum != 0.1 else None,
        # Unlike its batch norm, torch's instance norm has neither weights nor running statistics by default.
        affine=op.affine or None,
        track_running_stats=op.track or None,
    )
    return Construct(f"nn.InstanceNorm{len(x.spatial_axes)}d", (x.channels,), options)


@emits_module("layer_norm")
def layer_norm(site: Site) -> Construct:
    """Construct nn.LayerNorm; over the channels of a channels-first map a class that moves them last."""
    op, x = cast("LayerNorm", site.op), site.inputs[0]
    options = keywords(
        eps=op.eps if op.eps != 1e-5 else None,
        elementwise_affine=None if op.affine else False,
        bias=None if op.bias else False,
    )
    target = "nn.LayerNorm" if channels_are_last(x) else "modules.channel_layer_norm.ChannelLayerNorm"
    return Construct(target, (x.channels,), options)


@emits_functional("layer_norm")
def layer_norm_functional(site: Site, tensors: dict[str, str], arguments: tuple[str, ...]) -> str:
    """Write F.layer_norm over the last axis, or over the channels of a channels-first map."""
    op, x = cast("LayerNorm", site.op), site.inputs[0]
    weights = f"{tensors['weight']}, {tensors.get('bias', 'None')}, {op.eps!r}"
    if channels_are_last(x):
        return f"F.layer_norm({arguments[0]}, ({x.channels},), {weights})"
    return f"F.layer_norm({arguments[0]}.movedim(1, -1), ({x.channels},), {weights}).movedim(-1, 1)"


@emits_module("rms_norm")
def rms_norm(site: Site) -> Construct:
    """Construct nn.RMSNorm; over the channels of a channels-first map a class that moves them last."""
    op, x = cast("RMSNorm", site.op), site.inputs[0]
    target = "nn.RMSNorm" if channels_are_last(x) else "modules.channel_rms_norm.ChannelRMSNorm"
    return Construct(target, (x.channels,), keywords(eps=op.eps, elementwise_affine=None if op.affine else False))


@emits_module("l2_normalize")
def l2_normalize(site: Site) -> Construct:
    """Construct modules.l2_normalize.L2Normalize over one axis of the sample."""
    eps = cast("L2Normalize", site.op).eps
    return Construct("modules.l2_normalize.L2Normalize", (axis_of(site),), keywords(eps=eps if eps != 1e-12 else None))
