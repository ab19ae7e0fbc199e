"""Reductions over one axis of the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from archspec.backends.torch.emit.base import Construct, Site, axis_of, keywords
from archspec.backends.torch.emit.registry import emits_module

if TYPE_CHECKING:
    from archspec.ops._reduction import Reduce


@emits_module("sum")
def reduce_sum(site: Site) -> Construct:
    """Construct modules.reduce.Sum."""
    return _reduce(site, "modules.reduce.Sum")


@emits_module("mean")
def reduce_mean(site: Site) -> Construct:
    """Construct modules.reduce.Mean."""
    return _reduce(site, "modules.reduce.Mean")


@emits_module("max")
def reduce_max(site: Site) -> Construct:
    """Construct modules.reduce.Max."""
    return _reduce(site, "modules.reduce.Max")


def _reduce(site: Site, target: str) -> Construct:
    return Construct(target, (axis_of(site),), keywords(keep=cast("Reduce", site.op).keep or None))
