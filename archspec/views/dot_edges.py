"""Render the connections of a view as DOT: their weights, which bend, and the direction of their layout."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.views.far_edges import find_far_edges, render_far_edges
from archspec.views.labels import edge_colour, edge_lines
from archspec.views.model import MANY, View, ViewEdge
from archspec.views.palette import DASHED
from archspec.views.quoting import quote_dot
from archspec.views.styles import ViewStyle
from archspec.views.u_shape import UShape


def render_edges(view: View, shape: UShape | None, direction: str, style: ViewStyle | None = None) -> Iterator[str]:
    """Yield a line for every connection, and notes in place of those whose ends are too far apart."""
    bare = (
        shape.pairs if shape is not None and direction == "right" else ()
    )  # Graphviz would write the label across the arrow
    nodes = {node.id: node for node in view.nodes}
    few = len(view.nodes) <= MANY
    incoming_shape = {edge.target: edge.shape for edge in view.edges if not edge.skips}
    far = find_far_edges(view, () if shape is None else shape.pairs)
    apart = frozenset((edge.source, edge.target, edge.kind) for edge in far)
    for edge in view.edges:
        if (edge.source, edge.target, edge.kind) in apart:
            continue
        target = nodes[edge.target]
        colour = edge_colour(edge, target) if style is None else style.edges[edge]
        parts = [*_style(edge, colour), f"weight={0 if edge.skips else 10}"]
        label = edge_lines(edge, target) if few or _adds_information(edge, incoming_shape) else []
        if label and (edge.source, edge.target) not in bare:
            parts.append(f"label={quote_dot(chr(10).join(_pad(label)))}")
        tip = f"{edge.source} → {edge.target}: {edge.kind} {edge.shape} {edge.badge}".strip()
        parts.append(f"tooltip={quote_dot(tip)}")
        first, second = edge.source, edge.target
        if shape is not None:
            first, second, placed = _in_a_u(edge, shape)
            parts += placed
        yield f"  {quote_dot(first)} -> {quote_dot(second)} [{' '.join(parts)}]"
    yield from render_far_edges(view, far, style)


def _adds_information(edge: ViewEdge, incoming_shape: dict[str, str]) -> bool:
    """Whether a label adds to the ones before it: another shape, or why the compiler inserted a shortcut."""
    return bool(edge.badge) if edge.skips else edge.shape != incoming_shape.get(edge.source)


def _in_a_u(edge: ViewEdge, shape: UShape) -> tuple[str, str, list[str]]:
    """Return the ends of an edge; on the rising side reversed (`dir=back`), as Graphviz ranks from tail to head."""
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


def _pad(lines: list[str]) -> list[str]:
    """Add a space on either side, which keeps the text off its line."""
    return [f" {line} " for line in lines]
