"""A view as DOT text, with every name quoted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from archspec.views.colours import fills
from archspec.views.dot_edges import edges_of
from archspec.views.looks import Looks
from archspec.views.model import View, ViewNode
from archspec.views.palette import GREY, RED
from archspec.views.quoting import quoted
from archspec.views.u_shape import UShape, u_shape
from archspec.views.words import box_lines, described, hover

HEADINGS = (11, 9)  # the sizes of a frame's heading
RANKDIR = {"down": "TB", "right": "LR"}


def dot_of(view: View, direction: str = "down", colour: str = "") -> str:
    """The picture as Graphviz reads it; the chain is heavy and straight, the skips bend around it."""
    opening = (f"digraph {quoted(view.title)} {{", *heading(described(view), direction))
    return "\n".join((*opening, *network_lines(view, direction, colour), "}", ""))


def network_lines(view: View, direction: str = "down", colour: str = "", looks: Looks | None = None) -> Iterator[str]:
    """The lines of the boxes and the connections, which look as `looks` says where it is given."""
    shape = u_shape(view)
    boxes = _Boxes(view, shape, colour, looks)
    yield from _clustered(view.nodes, boxes, 0) if shape is None else _level(view.nodes, boxes, shape)
    yield from edges_of(view, shape, direction, looks)


def heading(tooltip: str, direction: str = "down") -> Iterator[str]:
    """What holds for the whole picture; `tooltip` describes it for those who do not see it."""
    font = 'fontname="Helvetica,Arial,sans-serif"'
    yield f"  graph [rankdir={RANKDIR[direction]} ranksep=0.3 nodesep=0.25 bgcolor=white pad=0.15 splines=true"
    yield "    newrank=true"  # else the beginnings of branches in a frame may stand beside what they read
    yield f'    style="rounded" color="#c5ced8" fontcolor="#5b6770" fontsize=11 labeljust=l {font}'
    yield f"    tooltip={quoted(tooltip)}]"
    yield '  node [shape=box style="rounded,filled" fillcolor="#eef3fb" color="#5b7db1" fontsize=12 height=0.3'
    yield f'    margin="0.12,0.06" {font}]'
    yield f"  edge [fontsize=10 arrowsize=0.7 {font}]"


def _clustered(nodes: Sequence[ViewNode], boxes: _Boxes, depth: int) -> Iterator[str]:
    """The boxes, those of a stage or an opened block framed together."""
    for around, run in groupby(nodes, key=lambda node: node.clusters[: depth + 1][depth:]):
        members = tuple(run)
        if not around:
            yield from (boxes.drawn(node, depth) for node in members)
            continue
        (name,) = around
        indent = "  " * (depth + 1)
        size = _heading_size(name, members)
        if len(members) > 1:
            yield f"{indent}subgraph {quoted('cluster_' + members[0].id + '_' + str(depth))} {{"
            heading = f"label={quoted(name if size else '')} fontsize={size or HEADINGS[0]}"
            yield f"{indent}  graph [{heading} id={quoted(boxes.frames + name)} tooltip={quoted(name)}]"
            yield from _clustered(members, boxes, depth + 1)
            yield f"{indent}}}"
        else:
            yield from (boxes.drawn(node, depth) for node in members)


def _heading_size(name: str, members: Sequence[ViewNode]) -> int:
    """The size at which a heading ends before the chain; 0 for none, since the boxes' own paths tell it as well.

    The chain comes in above the middle of the boxes. A letter is about 0.6 of its size wide.
    """
    longest = max(len(line) for node in members for line in box_lines(node))
    return next((size for size in HEADINGS if 0.62 * size * len(name) + 10 < 0.58 * 12 * longest / 2 + 15), 0)


def _level(nodes: Sequence[ViewNode], boxes: _Boxes, shape: UShape) -> Iterator[str]:
    """The boxes of a U, those that a skip joins at one height."""
    yield from (boxes.drawn(node, 0) for node in nodes)
    yield from (f"  {{ rank=same {quoted(left)} {quoted(right)} }}" for left, right in sorted(shape.pairs))


class _Boxes:
    """What a box looks like, by what it is and where it stands."""

    def __init__(self, view: View, shape: UShape | None, colour: str, looks: Looks | None) -> None:
        self.frames = "in:" if looks is None else looks.frames
        self._spine, self._colour, self._looks = _spine(view), colour, looks
        self._rising = shape.rising if shape is not None else frozenset()
        self._fills = fills(view, colour) if colour else {}

    def drawn(self, node: ViewNode, depth: int) -> str:
        """The line that draws a box."""
        lines, tip = box_lines(node, self._colour), hover(node)
        if self._looks is not None:
            look = self._looks.boxes[node.id]
            lines, tip = [*lines, *look.lines], f"{look.told}{tip}"
        parts = [f"label={quoted(chr(10).join(lines))} tooltip={quoted(tip)} id={quoted(node.id)}"]
        if self._looks is not None:
            parts.append(self._looks.boxes[node.id].attributes)
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
        if node.id in self._rising:
            parts.append("group=rising")
        elif node.id in self._spine:
            parts.append("group=spine")
        return f"{'  ' * (depth + 1)}{quoted(node.id)} [{' '.join(parts)}]"


def _spine(view: View) -> set[str]:
    """The boxes that the chain leads straight through; they stand below one another."""
    followed: dict[str, str] = {}
    for edge in view.edges:
        if not edge.skips:
            followed.setdefault(edge.source, edge.target)
    on, here = set(), view.nodes[0].id
    while here not in on:
        on.add(here)
        here = followed.get(here, here)
    return on
