"""fit as one F.pad, whose negative amounts crop."""

from __future__ import annotations

from archspec.backends.torch.emit.base import Construct, Site


def construct(site: Site) -> Construct | None:
    """No module: an expression."""
    return None


def call(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    """F.pad by half of the difference on each side, from the last axis to the first as F.pad wants it."""
    x, like = arguments
    amounts = []
    for axis in reversed([axis + 1 for axis in site.inputs[0].spatial_axes]):
        difference = f"{like}.shape[{axis}] - {x}.shape[{axis}]"
        amounts += [f"({difference}) // 2", f"({difference} + 1) // 2"]
    return f"F.pad({x}, ({', '.join(amounts)}))"
