"""Two networks in one drawing, as DOT: what is the same is pale, and counterparts stand at one height."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from archspec.analysis.cost import Cost
from archspec.analysis.format_numbers import short
from archspec.comparison.difference import Difference
from archspec.comparison.difference import Side as Network
from archspec.comparison.render_text import change_words, title, total_words
from archspec.ir.graph import Graph
from archspec.views.comparison.half import Half, half
from archspec.views.comparison.marks import Mark, Marks
from archspec.views.comparison.pairing import level_pairs
from archspec.views.dot import heading, network
from archspec.views.looks import Look, Looks
from archspec.views.model import ViewEdge
from archspec.views.quoting import quoted

STYLES: Mapping[str, str] = {
    "same": 'color="#c5ced8" fillcolor="#fafbfc" fontcolor="#5b6770"',
    "added": 'color="#2e7d4f" fillcolor="#d8f0df" penwidth=1.6',
    "removed": 'color="#c62828" fillcolor="#fbdddd" penwidth=1.6',
    "changed": 'color="#b26a00" fillcolor="#ffedc2" penwidth=1.6',
}
MOVED = 'color="#5b6770" fillcolor="#ffffff" penwidth=1.4 style="rounded,filled,dashed"'
DASHES = 'style="rounded,filled,dashed"'
SIGNS: Mapping[str, str] = {"added": "+ added", "removed": "− removed"}
PALE, CAME, WENT, OTHER = "#8d969e", "#2e7d4f", "#c62828", "#b26a00"
WIDTH, MOST_WORDS, MOST_SETTINGS = 46, 3, 6
MOST_LEVELLED, FEW = 1_000, 60


def dot_of_both(before: Graph, after: Graph, difference: Difference, level: str) -> str:
    """The picture as Graphviz reads it."""
    halves = half(before, level, "before"), half(after, level, "after")
    marks = Marks(difference, *halves)
    lines = [f"digraph {quoted(title(difference))} {{", *heading(_described(difference, marks, level))]
    lines.append(f'  graph [label="{_headline(difference)}" labelloc=t fontsize=12 fontcolor="#1f2a33"]')
    edges = _edge_colours(*halves, marks)
    for side, drawn, told in zip(("before", "after"), halves, (difference.before, difference.after), strict=True):
        looks = Looks({node.id: _look(marks.of[node.id]) for node in drawn.view.nodes}, edges, f"{side}:in:")
        lines.append(_heading_box(side, told))
        lines.append(f"  {quoted(side)} -> {quoted(drawn.view.nodes[0].id)} [style=invis weight=10]")
        lines.extend(network(drawn.view, looks=looks))
    lines.extend(_level([("before", "after"), *level_pairs(*halves, marks.pairs)]))
    return "\n".join((*lines, "}", ""))


def _level(pairs: list[tuple[str, str]]) -> Iterator[str]:
    """Each pair at one height, and the first to the left of the other; of very many some, spread evenly.

    Graphviz takes 20 s for 3,300 pairs of boxes of which 60 are levelled, and minutes if all are.
    """
    step = len(pairs) // FEW if len(pairs) > MOST_LEVELLED else 1
    for one, other in pairs[::step]:
        yield f"  {{ rank=same {quoted(one)} -> {quoted(other)} [style=invis weight=0 minlen=4] }}"


def _heading_box(side: str, told: Network) -> str:
    cost: Cost = told.cost
    figures = ", ".join(text for text in (short(cost.params, "params"), short(cost.macs, "MACs")) if text)
    label = quoted(f"{told.title or side}\n{figures}")
    return (
        f'  {quoted(side)} [label={label} shape=plaintext style="" fontsize=13 id={side} tooltip={label} group={side}]'
    )


def _headline(difference: Difference) -> str:
    """What was set differently, and the totals, as the lines of a DOT string that begin below one another."""
    if not difference:
        return "no difference\\l"
    settings = [change_words(change) for change in difference.changes if change.kind == "setting"]
    more = [f"and {len(settings) - MOST_SETTINGS} more settings"] if len(settings) > MOST_SETTINGS else []
    return "".join(f"{quoted(line)[1:-1]}\\l" for line in (*settings[:MOST_SETTINGS], *more, *total_words(difference)))


def _described(difference: Difference, marks: Marks, level: str) -> str:
    """One sentence on the picture, for those who do not see it."""
    kinds = [mark.kind for mark in marks.of.values()]
    counts = [f"{kinds.count(kind)} {kind}" for kind in ("added", "removed", "changed")]
    moved = sum(mark.moved for mark in marks.of.values())
    return f"{title(difference)} at {level} level, boxes: {', '.join(counts)}, {moved} moved"


def _look(mark: Mark) -> Look:
    """The colour of a box, with what it means in words."""
    attributes = STYLES[mark.kind]
    if mark.moved:
        attributes = MOVED if mark.kind == "same" else f"{attributes} {DASHES}"
    words = tuple(mark.words)
    lines = [line for text in words[:MOST_WORDS] for line in _wrapped(text)]
    more = [f"and {len(words) - MOST_WORDS} more"] if len(words) > MOST_WORDS else []
    sign = [SIGNS[mark.kind]] if mark.kind in SIGNS else []
    told = ": " + "; ".join(words).replace("\n", ", ") if words else ""
    kind = mark.kind if mark.kind != "same" else "moved" if mark.moved else "as before"
    return Look(attributes, (*sign, *lines, *more), f"{kind}{told} · ")


def _wrapped(words: str) -> list[str]:
    return [part for line in words.split("\n") for part in textwrap.wrap(line, WIDTH, break_on_hyphens=False)]


def _edge_colours(before: Half, after: Half, marks: Marks) -> dict[ViewEdge, str]:
    """Pale; with what came and went in its colour, and amber where other shapes flow between the same boxes."""
    back = {other: one for one, other in marks.pairs.items()}
    shapes = {(edge.source, edge.target, edge.kind): edge.shape for edge in before.view.edges}
    there = {(back.get(e.source), back.get(e.target), e.kind): e.shape for e in after.view.edges}
    found = {}
    for edge in (*before.view.edges, *after.view.edges):
        kinds = {marks.of[edge.source].kind, marks.of[edge.target].kind}
        key = (back.get(edge.source, edge.source), back.get(edge.target, edge.target), edge.kind)
        differs = key in shapes and key in there and shapes[key] != there[key]
        found[edge] = CAME if "added" in kinds else WENT if "removed" in kinds else OTHER if differs else PALE
    return found
