"""The texts of boxes and connections, the same in every format."""

from __future__ import annotations

from archspec.analysis.format_numbers import format_bytes
from archspec.views.colours import SCALES, show_receptive_field
from archspec.views.model import View, ViewEdge, ViewNode
from archspec.views.palette import COLOURS, GREY, RED


def box_lines(node: ViewNode, colour: str = "") -> list[str]:
    """Return the lines of a box: its path, what it is made of, the figure that colours it, the codes of its failure."""
    if node.role != "layers":
        return [node.title, node.shape]
    count = f"  ×{node.count}" if node.count > 1 else ""
    lines = [] if node.title == node.about else [node.title]
    lines += node.about.split("\n")
    lines[-1] += count
    figure = SCALES[colour].label(node) if colour else ""
    lines += [figure] if figure else []
    if node.state == "failed":
        lines.append(" ".join(("fails:", *node.codes)))
        lines += [" and ".join(node.given)] if len(node.given) > 1 else []
    return lines


def edge_lines(edge: ViewEdge, target: ViewNode) -> list[str]:
    """Return the lines at a connection: its shape, or for a skip its kind and why the compiler inserted it."""
    if not edge.skips:
        return [] if target.role == "output" else edge.shape.split(", ")
    if edge.kind == "long-range":
        return ["skip", *edge.shape.split(", ")]
    each = ", each" if target.count > 1 or "×" in target.about else ""
    badge = f"⊕ {edge.badge}".split(", ") if edge.badge else []
    kind = (
        "shortcut" if edge.kind == "identity" and not edge.known else edge.kind
    )  # an unknown shape may still need a projection
    return [kind + each, *badge]


def edge_colour(edge: ViewEdge, target: ViewNode) -> str:
    """Return red into a layer that fails, grey behind it, else the colour of the connection's kind."""
    return RED if target.state == "failed" else COLOURS[edge.kind] if edge.known else GREY


def tooltip(node: ViewNode) -> str:
    """Return the tooltip of a box: its path, what it is made of, its output, its figures, its place in the text."""
    parts = [node.title, node.about.replace("\n", ", ") + (f" ×{node.count}" if node.count > 1 else "")]
    parts.append(f"→ {node.shape}" if node.shape else "")
    if node.role == "layers" and node.params is not None:
        parts.append(f"{node.params:,} params, {node.macs:,} MACs, {format_bytes(node.memory)} of outputs")
    parts += [show_receptive_field(node), node.origin]
    return " · ".join(part for part in parts if part)


def describe_view(view: View) -> str:
    """Return one sentence on a picture, for screen readers."""
    boxes = sum(node.role == "layers" for node in view.nodes)
    skips = sum(edge.skips for edge in view.edges)
    return f"{view.title} at {view.level} level: {boxes} boxes, {skips} skip connections"
