"""A box's colour by one of its figures, with the figure as text, so that colour alone carries nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from archspec.analysis.format_numbers import format_bytes, format_count
from archspec.views.model import View, ViewNode

LIGHT, DARK = (255, 255, 255), (120, 170, 222)  # black text on the darker one has a contrast of 8


class ColourScale(Struct, frozen=True):
    """A figure of a box, and its text."""

    figure: Callable[[ViewNode], int | None]
    label: Callable[[ViewNode], str]


def show_receptive_field(node: ViewNode) -> str:
    """Return the receptive field as text."""
    return f"sees {node.receptive_field}" if node.receptive_field else ""


SCALES: Mapping[str, ColourScale] = {
    "params": ColourScale(lambda node: node.params, lambda node: format_count(node.params, "params")),
    "macs": ColourScale(lambda node: node.macs, lambda node: format_count(node.macs, "MACs")),
    "memory": ColourScale(lambda node: node.memory, lambda node: format_bytes(node.memory)),
    "receptive-field": ColourScale(lambda node: node.reach, show_receptive_field),
}


def fill_colours(view: View, by: str) -> dict[str, str]:
    """Return the colour of every box that has the figure, by its share of the largest."""
    figures = {node.id: SCALES[by].figure(node) for node in view.nodes if node.role == "layers"}
    most = max((figure for figure in figures.values() if figure), default=1)
    return {id_: _mix((figure / most) ** 0.5) for id_, figure in figures.items() if figure is not None}


def _mix(share: float) -> str:
    """Mix the colours; by the root of a share, so that small differences between small boxes are visible."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(LIGHT, DARK, strict=True))
