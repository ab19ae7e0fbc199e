"""drop_path as a module that drops whole samples."""

from __future__ import annotations

from typing import cast

from archspec.backends.torch.emit.base import Construct, Site
from archspec.ops.drop_path import DropPath


def construct(site: Site) -> Construct:
    """modules.drop_path.DropPath."""
    return Construct("modules.drop_path.DropPath", (cast(DropPath, site.op).rate,))
