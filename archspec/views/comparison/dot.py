"""Both networks in one drawing, as DOT: what is the same is pale, matching boxes are drawn at one height."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from archspec.analysis.cost import Cost
from archspec.analysis.format_numbers import format_count
from archspec.comparison.changes import ComparedNetwork
from archspec.comparison.difference import Difference
from archspec.comparison.render_text import render_change, render_title, render_totals
from archspec.ir.graph import Graph
from archspec.views.comparison.box_changes import BoxChange, BoxChanges
from archspec.views.comparison.box_matching import level_pairs
from archspec.views.comparison.side_view import SideView, side_view
from archspec.views.dot import heading, network_lines
from archspec.views.model import ViewEdge
from archspec.views.quoting import quote_dot
from archspec.views.styles import BoxStyle, ViewStyle

STYLES: Mapping[str, str] = {
    "same": 'color="#c5ced8" fillcolor="#fafbfc" fontcolor="#5b6770"',
    "added": 'color="#2e7d4f" fillcolor="#d8f0df" penwidth=1.6',
    "removed": 'color="#c62828" fillcolor="#fbdddd" penwidth=1.6',
    "changed": 'color="#b26a00" fillcolor="#ffedc2" penwidth=1.6',
}
MOVED = 'color="#5b6770" fillcolor="#ffffff" penwidth=1.4 style="rounded,filled,dashed"'
DASHES = 'style="rounded,filled,dashed"'
SIGNS: Mapping[str, str] = {"added": "+ added", "removed": "− removed"}
PALE, ADDED, REMOVED, CHANGED = "#8d969e", "#2e7d4f", "#c62828", "#b26a00"
WIDTH, MOST_NOTES, MOST_SETTINGS = 46, 3, 6
MOST_LEVELLED, SAMPLED = 1_000, 60


def render_difference_dot(before: Graph, after: Graph, difference: Difference, level: str) -> str:
    """Return the picture as Graphviz reads it."""
    sides = side_view(before, level, "before"), side_view(after, level, "after")
    changes = BoxChanges(difference, *sides)
    title = render_title(difference.before, difference.after)
    lines = [f"digraph {quote_dot(title)} {{", *heading(_describe(title, changes, level))]
    lines.append(f'  graph [label="{_headline(difference)}" labelloc=t fontsize=12 fontcolor="#1f2a33"]')
    edges = _edge_colours(*sides, changes)
    for name, side, network in zip(("before", "after"), sides, (difference.before, difference.after), strict=True):
        style = ViewStyle({node.id: _box_style(changes.of[node.id]) for node in side.view.nodes}, edges, f"{name}:in:")
        lines.append(_heading_box(name, network))
        lines.append(f"  {quote_dot(name)} -> {quote_dot(side.view.nodes[0].id)} [style=invis weight=10]")
        lines.extend(network_lines(side.view, style=style))
    # Matching boxes get one rank, which puts both networks side by side.
    lines.extend(_level([("before", "after"), *level_pairs(*sides, changes.pairs)]))
    return "\n".join((*lines, "}", ""))


def _level(pairs: list[tuple[str, str]]) -> Iterator[str]:
    """Draw each pair at one height, the first left of the other; of very many pairs only some, spread evenly.

    Graphviz takes 20 s for 3,300 pairs of boxes of which 60 are levelled, and minutes if all are.
    """
    step = len(pairs) // SAMPLED if len(pairs) > MOST_LEVELLED else 1
    for one, other in pairs[::step]:
        yield f"  {{ rank=same {quote_dot(one)} -> {quote_dot(other)} [style=invis weight=0 minlen=4] }}"


def _heading_box(side: str, network: ComparedNetwork) -> str:
    cost: Cost = network.cost
    figures = ", ".join(text for text in (format_count(cost.params, "params"), format_count(cost.macs, "MACs")) if text)
    label = quote_dot(f"{network.title or side}\n{figures}")
    attributes = f'label={label} shape=plaintext style="" fontsize=13 id={side} tooltip={label} group={side}'
    return f"  {quote_dot(side)} [{attributes}]"


def _headline(difference: Difference) -> str:
    """Return the settings that differ and the totals, as the left-aligned lines of a DOT string."""
    if not difference:
        return "no difference\\l"
    settings = [render_change(change) for change in difference.changes if change.kind == "setting"]
    more = [f"and {len(settings) - MOST_SETTINGS} more settings"] if len(settings) > MOST_SETTINGS else []
    return "".join(
        f"{quote_dot(line)[1:-1]}\\l"
        for line in (*settings[:MOST_SETTINGS], *more, *render_totals(difference.before, difference.after))
    )


def _describe(title: str, changes: BoxChanges, level: str) -> str:
    """Return one sentence on the picture, for screen readers."""
    kinds = [change.kind for change in changes.of.values()]
    counts = [f"{kinds.count(kind)} {kind}" for kind in ("added", "removed", "changed")]
    moved = sum(change.moved for change in changes.of.values())
    return f"{title} at {level} level, boxes: {', '.join(counts)}, {moved} moved"


def _box_style(change: BoxChange) -> BoxStyle:
    """Return the colour of a box, with its meaning as text, so that colour alone carries nothing."""
    attributes = STYLES[change.kind]
    if change.moved:
        attributes = MOVED if change.kind == "same" else f"{attributes} {DASHES}"
    notes = tuple(change.notes)
    lines = [line for note in notes[:MOST_NOTES] for line in _wrap(note)]
    more = [f"and {len(notes) - MOST_NOTES} more"] if len(notes) > MOST_NOTES else []
    sign = [SIGNS[change.kind]] if change.kind in SIGNS else []
    explanation = ": " + "; ".join(notes).replace("\n", ", ") if notes else ""
    kind = change.kind if change.kind != "same" else "moved" if change.moved else "as before"
    return BoxStyle(attributes, (*sign, *lines, *more), f"{kind}{explanation} · ")


def _wrap(note: str) -> list[str]:
    return [part for line in note.split("\n") for part in textwrap.wrap(line, WIDTH, break_on_hyphens=False)]


def _edge_colours(before: SideView, after: SideView, changes: BoxChanges) -> dict[ViewEdge, str]:
    """Colour connections of added and removed boxes like the boxes, those whose shape differs amber, others pale."""
    back = {other: one for one, other in changes.pairs.items()}
    shapes = {(edge.source, edge.target, edge.kind): edge.shape for edge in before.view.edges}
    there = {(back.get(e.source), back.get(e.target), e.kind): e.shape for e in after.view.edges}
    found = {}
    for edge in (*before.view.edges, *after.view.edges):
        kinds = {changes.of[edge.source].kind, changes.of[edge.target].kind}
        key = (back.get(edge.source, edge.source), back.get(edge.target, edge.target), edge.kind)
        differs = key in shapes and key in there and shapes[key] != there[key]
        found[edge] = ADDED if "added" in kinds else REMOVED if "removed" in kinds else CHANGED if differs else PALE
    return found
