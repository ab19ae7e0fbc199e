"""Choose the connections whose ends are too far apart to draw as a line: they end in a note at each box instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import accumulate

from msgspec import Struct

from archspec.views.labels import edge_colour
from archspec.views.model import MANY, EdgeKind, View, ViewEdge
from archspec.views.palette import DASHED
from archspec.views.quoting import quote_dot
from archspec.views.styles import ViewStyle
from archspec.views.unique_ids import UniqueIds

# Graphviz puts a point on every rank that a line passes, and its time grows with about the square of the points on a
# rank. Labels on lines double the ranks. The largest of the gallery (hrnet, op by op) has a cost of 2,700.
MOST_COST, MOST_COST_LABELLED = 50_000, 5_000
FEW, FEW_LABELLED = 8, 3  # lines that pass a rank, which another one may join however long it is
NAMED, NAMED_IN_TOOLTIP = 3, 40


class EdgeSpans(Struct, frozen=True):
    """How many ranks each connection goes down, in a layout where a box is one rank below the lowest that it reads."""

    ranks: dict[str, int]
    edges: tuple[ViewEdge, ...]

    def of(self, edge: ViewEdge) -> int:
        """Return the span of a connection; 1 between boxes on neighbouring ranks."""
        return self.ranks[edge.target] - self.ranks[edge.source]

    def cost(self, longest: int) -> int:
        """Return the sum over the ranks of the square of the lines that pass them, of those no longer than a span."""
        changes: Counter[int] = Counter()
        for edge in self.edges:
            if 1 < self.of(edge) <= longest:
                changes[self.ranks[edge.source] + 1] += 1
                changes[self.ranks[edge.target]] -= 1
        steps = sorted(changes)
        passing = accumulate(changes[rank] for rank in steps)
        return sum(lines**2 * (after - rank) for lines, rank, after in zip(passing, steps, steps[1:], strict=False))


def edge_spans(view: View) -> EdgeSpans:
    """Return the spans of a view's connections; its boxes are in topological order."""
    readers: dict[str, list[str]] = {}
    for edge in view.edges:
        readers.setdefault(edge.source, []).append(edge.target)
    ranks = {node.id: 0 for node in view.nodes}
    for node in view.nodes:
        for target in readers.get(node.id, ()):
            ranks[target] = max(ranks[target], ranks[node.id] + 1)
    return EdgeSpans(ranks, view.edges)


def find_far_edges(view: View, kept: Collection[tuple[str, str]] = ()) -> tuple[ViewEdge, ...]:
    """Return the longest connections, without which a layout costs no more than it may; most views have none.

    `kept`: the ends of connections that are never returned.
    """
    spans = edge_spans(view)
    most, few = (MOST_COST_LABELLED, FEW_LABELLED) if len(view.nodes) <= MANY else (MOST_COST, FEW)
    lengths = sorted({spans.of(edge) for edge in view.edges})
    low, high = 0, len(lengths)  # the cost with lengths[:low] is allowed, that with lengths[:high + 1] is not
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if spans.cost(lengths[middle - 1]) <= most else (low, middle - 1)
    longest = max(1, lengths[low - 1] if low else 1)
    far = [edge for edge in view.edges if spans.of(edge) > longest and (edge.source, edge.target) not in kept]
    readmitted = _through_gaps(spans, far, longest, few)
    return tuple(edge for edge in far if edge not in readmitted)


def _through_gaps(spans: EdgeSpans, far: Iterable[ViewEdge], longest: int, few: int) -> frozenset[ViewEdge]:
    """Return the far connections that pass only ranks with few other lines: they add little, as a stage's shortcut."""
    passing = [0] * (max(spans.ranks.values(), default=0) + 1)
    for edge in spans.edges:
        if spans.of(edge) <= longest:
            for rank in range(spans.ranks[edge.source] + 1, spans.ranks[edge.target]):
                passing[rank] += 1
    found = []
    for edge in sorted(far, key=spans.of):
        ranks = range(spans.ranks[edge.source] + 1, spans.ranks[edge.target])
        if max(passing[ranks.start : ranks.stop]) < few:
            found.append(edge)
            for rank in ranks:
                passing[rank] += 1
    return frozenset(found)


def render_far_edges(view: View, far: Iterable[ViewEdge], style: ViewStyle | None) -> Iterable[str]:
    """Yield DOT lines: at each end of the connections a note with the boxes at their other ends, one for each kind."""
    nodes = {node.id: node for node in view.nodes}
    ids = UniqueIds()
    for node in view.nodes:
        ids.unique(node.id)
    leaving: dict[tuple[str, EdgeKind], list[ViewEdge]] = {}
    entering: dict[tuple[str, EdgeKind], list[ViewEdge]] = {}
    for edge in far:
        leaving.setdefault((edge.source, edge.kind), []).append(edge)
        entering.setdefault((edge.target, edge.kind), []).append(edge)
    for groups, is_leaving in ((leaving, True), (entering, False)):
        for (box, kind), edges in groups.items():
            note = ids.unique(f"far:{box}")
            others = [nodes[edge.target if is_leaving else edge.source].title for edge in edges]
            colour = edge_colour(edges[0], nodes[edges[0].target]) if style is None else style.edges[edges[0]]
            yield _note(note, "→" if is_leaving else "←", others, colour, f"{nodes[box].title}: {kind}")
            ends = (box, note) if is_leaving else (note, box)
            dashed = " style=dashed" if kind in DASHED else ""
            yield f'  {quote_dot(ends[0])} -> {quote_dot(ends[1])} [color="{colour}" weight=1{dashed}]'


def _note(id_: str, arrow: str, others: list[str], colour: str, about: str) -> str:
    """Return the line of a note, such as `← mask, enc1 and 5 more`."""
    direction = "to" if arrow == "→" else "from"
    label = quote_dot(f" {arrow} {_list(others, NAMED)} ")
    tip = quote_dot(f"{about} {direction} {_list(others, NAMED_IN_TOOLTIP)}")
    return f'  {quote_dot(id_)} [label={label} tooltip={tip} shape=plain style="" fontsize=10 fontcolor="{colour}"]'


def _list(names: list[str], most: int) -> str:
    more = len(names) - most
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:most])} and {more} more"
