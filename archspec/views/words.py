"""What stands in a box and at an edge, the same in every format."""

from __future__ import annotations

from archspec.analysis.format_numbers import format_bytes
from archspec.views.colours import SCALES, sees
from archspec.views.model import View, ViewEdge, ViewNode
from archspec.views.palette import COLOURS, GREY, RED


def box_lines(node: ViewNode, colour: str = "") -> list[str]:
    """The lines of a box: what it is called, what it is, the figure it is coloured by, what is wrong with it."""
    if node.role != "layers":
        return [node.title, node.shape]
    count = f"  ×{node.count}" if node.count > 1 else ""
    lines = [] if node.title == node.about else [node.title]
    lines += node.about.split("\n")
    lines[-1] += count
    told = SCALES[colour].told(node) if colour else ""
    lines += [told] if told else []
    if node.state == "failed":
        lines.append(" ".join(("fails:", *node.codes)))
        lines += [" and ".join(node.given)] if len(node.given) > 1 else []
    return lines


def edge_lines(edge: ViewEdge, target: ViewNode) -> list[str]:
    """The lines at an edge: its shape, or for a skip its kind with the reason of what was inserted."""
    if not edge.skips:
        return [] if target.role == "output" else edge.shape.split(", ")
    if edge.kind == "long-range":
        return ["skip", *edge.shape.split(", ")]
    each = ", each" if target.count > 1 or "×" in target.about else ""
    badge = f"⊕ {edge.badge}".split(", ") if edge.badge else []
    kind = "shortcut" if edge.kind == "identity" and not edge.known else edge.kind  # it may come to be a projection
    return [kind + each, *badge]


def edge_colour(edge: ViewEdge, target: ViewNode) -> str:
    """Red into a layer that fails, grey behind it, else that of the connection's kind."""
    return RED if target.state == "failed" else COLOURS[edge.kind] if edge.known else GREY


def hover(node: ViewNode) -> str:
    """What a box says when the pointer is on it: path, what it is, its output, its figures, where it was written."""
    parts = [node.title, node.about.replace("\n", ", ") + (f" ×{node.count}" if node.count > 1 else "")]
    parts.append(f"→ {node.shape}" if node.shape else "")
    if node.role == "layers" and node.params is not None:
        parts.append(f"{node.params:,} params, {node.macs:,} MACs, {format_bytes(node.memory)} of outputs")
    parts += [sees(node), node.origin]
    return " · ".join(part for part in parts if part)


def described(view: View) -> str:
    """One sentence on a picture, for those who do not see it."""
    boxes = sum(node.role == "layers" for node in view.nodes)
    skips = sum(edge.skips for edge in view.edges)
    return f"{view.title} at {view.level} level: {boxes} boxes, {skips} skip connections"
