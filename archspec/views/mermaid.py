"""Render a view as Mermaid, which GitHub and many editors draw in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.views.labels import box_lines, describe_view, edge_colour, edge_lines
from archspec.views.model import View, ViewEdge, ViewNode
from archspec.views.palette import DASHED, GREY, RED

DIRECTIONS = {"down": "TD", "right": "LR"}
_PLAIN = frozenset(" .,:;+-_/()[]{}×→…⊕?=*")


def render_mermaid(view: View, direction: str = "down", colour: str = "") -> str:
    """Return the picture as a flowchart; boxes are numbered, since Mermaid's ids have no dots."""
    numbers = {node.id: f"n{number}" for number, node in enumerate(view.nodes)}
    nodes = {node.id: node for node in view.nodes}
    lines = [f"flowchart {DIRECTIONS[direction]}", f"  accTitle: {_escape(describe_view(view))}"]
    lines += [f'  {numbers[node.id]}["{_join(box_lines(node, colour))}"]{_state(node)}' for node in view.nodes]
    lines += [_edge(edge, numbers, nodes[edge.target]) for edge in view.edges]
    return "\n".join((*lines, *_styles(view), ""))


def _edge(edge: ViewEdge, numbers: dict[str, str], target: ViewNode) -> str:
    label = _join(edge_lines(edge, target))
    text = f'|"{label}"|' if label else ""
    arrow = "-.->" if edge.kind in DASHED else "==>" if edge.skips else "-->"
    return f"  {numbers[edge.source]} {arrow}{text} {numbers[edge.target]}"


def _state(node: ViewNode) -> str:
    return "" if node.state == "fine" else f":::{node.state}"


def _styles(view: View) -> Iterator[str]:
    yield f"  classDef failed fill:#fdecec,stroke:{RED},color:{RED}"
    yield f"  classDef unknown fill:#f2f3f4,stroke:{GREY},color:#6b7278"
    nodes = {node.id: node for node in view.nodes}
    for number, edge in enumerate(view.edges):
        if edge.skips or nodes[edge.target].state == "failed":
            colour = edge_colour(edge, nodes[edge.target])
            yield f"  linkStyle {number} stroke:{colour},color:{colour}"


def _join(lines: list[str]) -> str:
    return "<br/>".join(_escape(line) for line in lines)


def _escape(text: str) -> str:
    """Replace each character that is neither alphanumeric nor known to be harmless by its number."""
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in text)
