"""concat as torch.cat."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops._axes import resolve_axis
from archspec.ops.concat import Concat


def construct(site: Site) -> Construct | None:
    """No module: an expression."""
    return None


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """torch.cat of the values along one axis of the sample."""
    axis = resolve_axis(site.op, cast(Concat, site.op).axis, site.inputs[0])
    return f"torch.cat([{', '.join(arguments)}], dim={axis + 1})"
