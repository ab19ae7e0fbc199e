"""What boxes and connections look like where colour tells something else than their kind."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from archspec.views.model import ViewEdge


class Look(Struct, frozen=True):
    """Of a box: DOT attributes, which are no spec's text; lines below its own; what its tooltip says first."""

    attributes: str
    lines: tuple[str, ...] = ()
    told: str = ""


class Looks(Struct, frozen=True):
    """The look of every box by its id, and the colour of every connection; `frames` begins the ids of frames."""

    boxes: Mapping[str, Look]
    edges: Mapping[ViewEdge, str]
    frames: str
