"""Render a view as DOT, with every name quoted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from archspec.views.colours import fill_colours
from archspec.views.dot_edges import render_edges
from archspec.views.labels import box_lines, describe_view, tooltip
from archspec.views.model import View, ViewNode
from archspec.views.palette import GREY, RED
from archspec.views.quoting import quote_dot
from archspec.views.styles import ViewStyle
from archspec.views.text_width import text_width
from archspec.views.u_shape import UShape, u_shape

HEADINGS = (11, 9)  # font sizes of a frame's heading
FONT_SIZE, MARGIN = 12, 0.12  # points; inches on either side of a box's text
NARROWEST = 0.75  # inches
RANKDIR = {"down": "TB", "right": "LR"}


def render_dot(view: View, direction: str = "down", colour: str = "") -> str:
    """Return the picture as Graphviz reads it; the chain is heavy and straight, the skips bend around it."""
    opening = (f"digraph {quote_dot(view.title)} {{", *heading(describe_view(view), direction))
    return "\n".join((*opening, *network_lines(view, direction, colour), "}", ""))


def network_lines(
    view: View, direction: str = "down", colour: str = "", style: ViewStyle | None = None
) -> Iterator[str]:
    """Yield the lines of the boxes and the connections, in another style if there is one."""
    shape = u_shape(view)
    boxes = _BoxWriter(view, shape, colour, style)
    yield from _clustered(view.nodes, boxes, 0) if shape is None else _level_boxes(view.nodes, boxes, shape)
    yield from render_edges(view, shape, direction, style)


def heading(tooltip: str, direction: str = "down") -> Iterator[str]:
    """Yield the attributes of the whole picture; `tooltip` describes it to screen readers."""
    font = 'fontname="Helvetica,Arial,sans-serif"'
    yield f"  graph [rankdir={RANKDIR[direction]} ranksep=0.3 nodesep=0.25 bgcolor=white pad=0.15 splines=true"
    yield "    newrank=true"  # else a frame's first boxes may be ranked level with what they read
    yield f'    style="rounded" color="#c5ced8" fontcolor="#5b6770" fontsize=11 labeljust=l {font}'
    yield f"    tooltip={quote_dot(tooltip)}]"
    yield '  node [shape=box style="rounded,filled" fillcolor="#eef3fb" color="#5b7db1" height=0.3'
    yield f'    fontsize={FONT_SIZE} margin="{MARGIN},0.06" {font}]'
    yield f"  edge [fontsize=10 arrowsize=0.7 {font}]"


def _clustered(nodes: Sequence[ViewNode], boxes: _BoxWriter, depth: int) -> Iterator[str]:
    """Yield the boxes, those of a stage or an opened block in a frame."""
    for around, run in groupby(nodes, key=lambda node: node.clusters[: depth + 1][depth:]):
        members = tuple(run)
        if not around:
            yield from (boxes.line(node, depth) for node in members)
            continue
        (name,) = around
        indent = "  " * (depth + 1)
        size = _heading_size(name, members)
        if len(members) > 1:
            # Graphviz draws a frame only around subgraphs whose name begins with `cluster`.
            yield f"{indent}subgraph {quote_dot('cluster_' + members[0].id + '_' + str(depth))} {{"
            heading = f"label={quote_dot(name if size else '')} fontsize={size or HEADINGS[0]}"
            yield f"{indent}  graph [{heading} id={quote_dot(boxes.frames + name)} tooltip={quote_dot(name)}]"
            yield from _clustered(members, boxes, depth + 1)
            yield f"{indent}}}"
        else:
            yield from (boxes.line(node, depth) for node in members)


def _heading_size(name: str, members: Sequence[ViewNode]) -> int:
    """Return the font size at which a heading ends before the chain; 0 for no heading: the boxes' paths have it, too.

    The chain enters above the middle of the boxes.
    """
    widest = max(text_width(line) for node in members for line in box_lines(node)) * FONT_SIZE
    return next((size for size in HEADINGS if text_width(name) * size + 10 < widest / 2 + 15), 0)


def _level_boxes(nodes: Sequence[ViewNode], boxes: _BoxWriter, shape: UShape) -> Iterator[str]:
    """Yield the boxes of a U, those that a skip connects at one height."""
    yield from (boxes.line(node, 0) for node in nodes)
    yield from (f"  {{ rank=same {quote_dot(left)} {quote_dot(right)} }}" for left, right in sorted(shape.pairs))


class _BoxWriter:
    """Writes boxes, styled by role, state and place."""

    def __init__(self, view: View, shape: UShape | None, colour: str, style: ViewStyle | None) -> None:
        self.frames = "in:" if style is None else style.frames
        self._spine, self._colour, self._style = _spine(view), colour, style
        self._rising = shape.rising if shape is not None else frozenset()
        self._fills = fill_colours(view, colour) if colour else {}

    def line(self, node: ViewNode, depth: int) -> str:
        """Return the line that draws a box."""
        lines, tip = box_lines(node, self._colour), tooltip(node)
        if self._style is not None:
            box = self._style.boxes[node.id]
            lines, tip = [*lines, *box.lines], f"{box.note}{tip}"
        # Graphviz measures text with the fonts of this machine, and the picture is read with others.
        width = max(NARROWEST, max(map(text_width, lines)) * FONT_SIZE / 72 + 2 * MARGIN)
        # The id is what the explorer and the tests find a box by in the SVG.
        parts = [f"label={quote_dot(chr(10).join(lines))} tooltip={quote_dot(tip)} id={quote_dot(node.id)}"]
        parts.append(f"width={width:.3f}")
        if self._style is not None:
            parts.append(self._style.boxes[node.id].attributes)
        elif node.state == "failed":
            parts.append(f'color="{RED}" fontcolor="{RED}" fillcolor="#fdecec" penwidth=2')
        elif node.state == "unknown":
            parts.append(f'color="{GREY}" fontcolor="#6b7278" fillcolor="#f2f3f4"')
        elif node.role != "layers":
            parts.append('fillcolor="#ffffff"')
        elif node.id in self._fills:
            parts.append(f'fillcolor="{self._fills[node.id]}"')
        if node.count > 1:
            parts.append("peripheries=2")
        # Graphviz aligns boxes of one group: two straight columns in a U, else one for the chain.
        if node.id in self._rising:
            parts.append("group=rising")
        elif node.id in self._spine:
            parts.append("group=spine")
        return f"{'  ' * (depth + 1)}{quote_dot(node.id)} [{' '.join(parts)}]"


def _spine(view: View) -> set[str]:
    """Return the boxes on the chain from the first one, which Graphviz is to draw in one column."""
    following: dict[str, str] = {}
    for edge in view.edges:
        if not edge.skips:
            following.setdefault(edge.source, edge.target)
    on, here = set(), view.nodes[0].id
    # The first connection of each box is followed: branches are off the spine.
    while here not in on:
        on.add(here)
        here = following.get(here, here)
    return on
