"""Styles of boxes and connections that replace those by kind, as in a picture of a difference."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from archspec.views.model import ViewEdge


class BoxStyle(Struct, frozen=True):
    """A box's DOT attributes (never text of a spec), lines below its own, and the beginning of its tooltip."""

    attributes: str
    lines: tuple[str, ...] = ()
    note: str = ""


class ViewStyle(Struct, frozen=True):
    """The style of every box by id, the colour of every connection, and the prefix of the ids of frames."""

    boxes: Mapping[str, BoxStyle]
    edges: Mapping[ViewEdge, str]
    frames: str
