"""The connections of a view in DOT: what weighs, what bends, and which way they are laid out."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.views.looks import Looks
from archspec.views.model import MANY, View, ViewEdge
from archspec.views.palette import DASHED
from archspec.views.quoting import quoted
from archspec.views.u_shape import UShape
from archspec.views.words import edge_colour, edge_lines


def edges_of(view: View, shape: UShape | None, direction: str, looks: Looks | None = None) -> Iterator[str]:
    """A line for every connection."""
    bare = shape.pairs if shape is not None and direction == "right" else ()  # Graphviz would write across the arrow
    nodes = {node.id: node for node in view.nodes}
    few = len(view.nodes) <= MANY
    arriving = {edge.target: edge.shape for edge in view.edges if not edge.skips}
    for edge in view.edges:
        target = nodes[edge.target]
        colour = edge_colour(edge, target) if looks is None else looks.edges[edge]
        parts = [*_style(edge, colour), f"weight={0 if edge.skips else 10}"]
        label = edge_lines(edge, target) if few or _is_news(edge, arriving) else []
        if label and (edge.source, edge.target) not in bare:
            parts.append(f"label={quoted(chr(10).join(_padded(label)))}")
        said = f"{edge.source} → {edge.target}: {edge.kind} {edge.shape} {edge.badge}".strip()
        parts.append(f"tooltip={quoted(said)}")
        first, second = edge.source, edge.target
        if shape is not None:
            first, second, placed = _in_a_u(edge, shape)
            parts += placed
        yield f"  {quoted(first)} -> {quoted(second)} [{' '.join(parts)}]"


def _is_news(edge: ViewEdge, arriving: dict[str, str]) -> bool:
    """Whether a label tells more than the ones before it: another shape, or what the compiler put there."""
    return bool(edge.badge) if edge.skips else edge.shape != arriving.get(edge.source)


def _in_a_u(edge: ViewEdge, shape: UShape) -> tuple[str, str, list[str]]:
    """On the rising side Graphviz is told the edges upside down, with the arrow at their beginning."""
    if (edge.source, edge.target) in shape.pairs:
        return edge.source, edge.target, ["minlen=2"]
    if edge.target in shape.rising and (edge.source in shape.rising or not edge.skips):
        return edge.target, edge.source, ["dir=back"]
    return edge.source, edge.target, ["constraint=false"] if edge.target in shape.rising else []


def _style(edge: ViewEdge, colour: str) -> Iterator[str]:
    yield f'color="{colour}" fontcolor="{colour}"'
    if edge.kind in DASHED:
        yield "style=dashed"
    if edge.skips:
        yield "penwidth=1.4"


def _padded(lines: list[str]) -> list[str]:
    """A space on either side keeps the text off its line."""
    return [f" {line} " for line in lines]
