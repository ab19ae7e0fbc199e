"""permute as a module."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.permute import Permute


def construct(site: Site) -> Construct:
    """modules.permute.Permute, the batch staying first."""
    return Construct("modules.permute.Permute", ((0, *(axis + 1 for axis in cast(Permute, site.op).axes)),))
