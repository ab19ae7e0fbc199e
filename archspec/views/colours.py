"""A box's colour by one of its figures, with the figure in words: nobody needs to tell shades apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from archspec.analysis.format_numbers import format_bytes, format_count
from archspec.views.model import View, ViewNode

LIGHT, DARK = (255, 255, 255), (120, 170, 222)  # black text on the darker one has a contrast of 8


class Scale(Struct, frozen=True):
    """A figure of a box, and how it is told."""

    figure: Callable[[ViewNode], int | None]
    told: Callable[[ViewNode], str]


def sees(node: ViewNode) -> str:
    """The receptive field in words."""
    return f"sees {node.receptive_field}" if node.receptive_field else ""


SCALES: Mapping[str, Scale] = {
    "params": Scale(lambda node: node.params, lambda node: format_count(node.params, "params")),
    "macs": Scale(lambda node: node.macs, lambda node: format_count(node.macs, "MACs")),
    "memory": Scale(lambda node: node.memory, lambda node: format_bytes(node.memory)),
    "receptive-field": Scale(lambda node: node.reach, sees),
}


def fills(view: View, by: str) -> dict[str, str]:
    """The colour of every box that has the figure, by its share of the largest."""
    figures = {node.id: SCALES[by].figure(node) for node in view.nodes if node.role == "layers"}
    most = max((figure for figure in figures.values() if figure), default=1)
    return {id_: _mixed((figure / most) ** 0.5) for id_, figure in figures.items() if figure is not None}


def _mixed(share: float) -> str:
    """The root of a share is mixed in, so that small differences between small boxes can be seen."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(LIGHT, DARK, strict=True))
