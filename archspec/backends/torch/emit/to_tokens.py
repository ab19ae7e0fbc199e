"""to_tokens as a module."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct:
    """modules.to_tokens.ToTokens; channels that are last already stay there."""
    first = site.inputs[0].channel_axis == 0
    return Construct("modules.to_tokens.ToTokens", (), () if first else (("channels_first", False),))
