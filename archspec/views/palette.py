"""The colours of connections and failures, the same in every format."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.views.model import EdgeKind

COLOURS: Mapping[EdgeKind, str] = {
    "chain": "#5b6770",
    "identity": "#2e7d4f",
    "projection": "#b3541e",
    "pad": "#8a6d00",
    "concat": "#6a4fa3",
    "gate": "#a02c6d",
    "long-range": "#1f6f9f",
}
DASHED = ("projection", "pad")
GREY, RED = "#9aa1a8", "#c62828"
