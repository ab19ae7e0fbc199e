"""What boxes and connections look like where colour tells something else than their kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archspec.views.model import ViewEdge


@dataclass(frozen=True, slots=True)
class Look:
    """Of a box: DOT attributes, which are no spec's text; lines below its own; what its tooltip says first."""

    attributes: str
    lines: tuple[str, ...] = ()
    told: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    """The look of every box by its id, and the colour of every connection; `frames` begins the ids of frames."""

    boxes: Mapping[str, Look]
    edges: Mapping[ViewEdge, str]
    frames: str
