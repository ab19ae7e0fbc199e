"""Recognise encoder-decoder networks with nested skips, which are drawn as a U."""

from __future__ import annotations

from itertools import pairwise

from msgspec import Struct

from archspec.views.model import View


class UShape(Struct, frozen=True):
    """The boxes of the rising side, and the pairs of boxes that a skip connects at one height."""

    rising: frozenset[str]
    pairs: frozenset[tuple[str, str]]


def u_shape(view: View) -> UShape | None:
    """Return the U of a view with two or more long skips, each nested in the one before it; None for others."""
    places = {node.id: place for place, node in enumerate(view.nodes)}
    skips = sorted((places[e.source], places[e.target]) for e in view.edges if e.kind == "long-range")
    if len(skips) < 2 or skips[-1][0] >= skips[-1][1]:
        return None
    # Skips that are not nested would cross if both sides were drawn level.
    nested = all(a[0] < b[0] and b[1] < a[1] for a, b in pairwise(skips))
    if not nested:
        return None
    rising = frozenset(node.id for node in view.nodes[skips[-1][1] :])
    return UShape(rising, frozenset((view.nodes[a].id, view.nodes[b].id) for a, b in skips))
