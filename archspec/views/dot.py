"""A view as DOT text, with every name quoted."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.views.model import EdgeKind, View, ViewEdge, ViewNode
from archspec.views.words import box_lines, described, edge_lines, hover

COLOURS: dict[EdgeKind, str] = {
    "chain": "#5b6770",
    "identity": "#2e7d4f",
    "projection": "#b3541e",
    "pad": "#8a6d00",
    "concat": "#6a4fa3",
    "gate": "#a02c6d",
    "long-range": "#1f6f9f",
}
DASHED = ("projection", "pad")
LONGEST_HEADING = 12  # of a cluster; a longer one would lie across the chain, and is told by the boxes' own paths
GREY, RED = "#9aa1a8", "#c62828"
RANKDIR = {"down": "TB", "right": "LR"}


def dot_of(view: View, direction: str = "down") -> str:
    """The picture as Graphviz reads it; the chain is heavy and straight, the skips bend around it."""
    lines = [f"digraph {quoted(view.title)} {{", *_heading(view, direction)]
    spine = _spine(view)
    clusters: dict[str, list[ViewNode]] = {}
    for node in view.nodes:
        clusters.setdefault(node.cluster, []).append(node)
    for number, (cluster, nodes) in enumerate(clusters.items()):
        drawn = [_box(node, node.id in spine) for node in nodes]
        if cluster and len(nodes) > 1:
            shown = cluster if len(cluster) <= LONGEST_HEADING else ""
            label = f"label={quoted(shown)} id={quoted('in:' + cluster)} tooltip={quoted(cluster)}"
            lines += [f"  subgraph cluster_{number} {{", f"    graph [{label}]"]
            lines += [f"  {line}" for line in drawn] + ["  }"]
        else:
            lines += drawn
    lines += _edges(view)
    return "\n".join((*lines, "}", ""))


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


def _heading(view: View, direction: str) -> Iterator[str]:
    font = 'fontname="Helvetica,Arial,sans-serif"'
    yield f"  graph [rankdir={RANKDIR[direction]} ranksep=0.3 nodesep=0.25 bgcolor=white pad=0.15 splines=true"
    yield f'    style="rounded" color="#c5ced8" fontcolor="#5b6770" fontsize=11 labeljust=l {font}'
    yield f"    tooltip={quoted(described(view))}]"
    yield '  node [shape=box style="rounded,filled" fillcolor="#eef3fb" color="#5b7db1" fontsize=12 height=0.3'
    yield f'    margin="0.12,0.06" {font}]'
    yield f"  edge [fontsize=10 arrowsize=0.7 {font}]"


def _box(node: ViewNode, spine: bool) -> str:
    label, tip = quoted("\n".join(box_lines(node))), quoted(hover(node))
    parts = [f"label={label} tooltip={tip} id={quoted(node.id)}"]
    if node.state == "failed":
        parts.append(f'color="{RED}" fontcolor="{RED}" fillcolor="#fdecec" penwidth=2')
    elif node.state == "unknown":
        parts.append(f'color="{GREY}" fontcolor="#6b7278" fillcolor="#f2f3f4"')
    elif node.role != "layers":
        parts.append('fillcolor="#ffffff"')
    if node.count > 1:
        parts.append("peripheries=2")
    if spine:
        parts.append("group=spine")
    return f"  {quoted(node.id)} [{' '.join(parts)}]"


def _edges(view: View) -> Iterator[str]:
    nodes = {node.id: node for node in view.nodes}
    for edge in view.edges:
        target = nodes[edge.target]
        parts = [*_style(edge, target.state == "failed"), f"weight={0 if edge.skips else 10}"]
        label = edge_lines(edge, target)
        if label:
            parts.append(f"label={quoted(chr(10).join(_padded(label)))}")
        parts.append(
            f"tooltip={quoted(f'{edge.source} → {edge.target}: {edge.kind} {edge.shape} {edge.badge}'.strip())}"
        )
        yield f"  {quoted(edge.source)} -> {quoted(edge.target)} [{' '.join(parts)}]"


def _style(edge: ViewEdge, failing: bool) -> Iterator[str]:
    colour = RED if failing else COLOURS[edge.kind] if edge.known else GREY
    yield f'color="{colour}" fontcolor="{colour}"'
    if edge.kind in DASHED:
        yield "style=dashed"
    if edge.skips:
        yield "penwidth=1.4"


def _padded(lines: list[str]) -> list[str]:
    """A space on either side keeps the text off its line."""
    return [f" {line} " for line in lines]


def quoted(text: str) -> str:
    """A text as a DOT string: nothing in it is an escape, an entity or the end of the string."""
    clean = "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
    clean = clean.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + clean.replace("\n", "\\n") + '"'
