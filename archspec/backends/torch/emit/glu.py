"""glu as nn.GLU."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """nn.GLU over the channels."""
    return Construct("nn.GLU", (), (("dim", site.inputs[0].channel_axis + 1),))
