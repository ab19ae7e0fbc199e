"""Build the view of a Graph: ops to boxes, uses of values to connections, repetitions of a block to one box.

It is the quotient of the ops by the boxes, as `networkx.quotient_graph` of `Graph.to_networkx()`, and a test compares
both. It is made here by hand because edges are merged by kind of connection, and because drawing would import networkx,
which takes 0.2 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from archspec.analysis.summary import LEVELS
from archspec.diagnostics import Diagnostic
from archspec.ir.flat import FlatGraph, flatten
from archspec.ir.graph import Graph
from archspec.ir.types import ValueType
from archspec.views.figures import FigureSource
from archspec.views.folding import fold_repeats
from archspec.views.groups import Group, groups_of
from archspec.views.model import MANY, State, View, ViewEdge, ViewNode
from archspec.views.open_paths import resolve_open_paths
from archspec.views.origins import describe_origin
from archspec.views.state import state_of
from archspec.views.unique_ids import UniqueIds, show_range
from archspec.views.value_uses import UseClassifier, ValueUse


def view_of(graph: Graph, level: str = "block", found: Iterable[Diagnostic] = (), opened: Iterable[str] = ()) -> View:
    """Return the picture of a Graph at a level, with the stages and blocks whose paths are `opened` expanded.

    found: the findings whose codes are written at layers that failed.
    """
    return placed_view(graph, level, found, opened)[0]


def placed_view(
    graph: Graph, level: str, found: Iterable[Diagnostic] = (), opened: Iterable[str] = ()
) -> tuple[View, dict[str, str]]:
    """Return the view, and by the path of every op the id of its box."""
    if not isinstance(graph, Graph):
        raise TypeError(f"a view is of a Graph, not of {type(graph).__name__}; archspec.lower(spec) gives one")
    if level not in LEVELS:
        raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r}")
    flat = flatten(graph)
    uses = tuple(UseClassifier(graph, flat).classify())
    groups = fold_repeats(groups_of(graph, flat, level, resolve_open_paths(graph, opened)), uses)
    builder = _ViewBuilder(graph, flat, level, groups, tuple(d for d in found if d.is_error))
    return builder.build(uses), {node.path: builder.ids[builder.box_of[node.index]] for node in flat.nodes}


class _ViewBuilder:
    """Builds the boxes of a Graph and the edges between them."""

    def __init__(
        self,
        graph: Graph,
        flat: FlatGraph,
        level: str,
        groups: Sequence[tuple[Group, ...]],
        errors: tuple[Diagnostic, ...],
    ) -> None:
        self.graph, self.flat, self.level, self.groups, self.errors = graph, flat, level, groups, errors
        self.box_of = {op: number for number, run in enumerate(groups) for group in run for op in group.ops}
        self.measures = FigureSource(graph, flat, (run[-1].ops[-1] for run in groups))
        names = UniqueIds()
        self.inputs = [names.unique(f"input:{name}") for name, _ in graph.inputs]
        self.ids = [names.unique(run[0].path) for run in groups]
        outputs = graph.outputs or tuple("output" if n == 0 else f"output {n + 1}" for n in range(len(flat.outputs)))
        self.outputs = [(names.unique(f"output:{name}"), name) for name in outputs]

    def build(self, uses: tuple[ValueUse, ...]) -> View:
        """Return the boxes with the edges."""
        inputs = [
            ViewNode(id_, name, "", "input", shape=_shape(kind))
            for id_, (name, kind) in zip(self.inputs, self.graph.inputs, strict=True)
        ]
        outputs = [
            ViewNode(id_, name, "", "output", shape=_shape(self.flat.types[value]), state=self._state(value))
            for (id_, name), value in zip(self.outputs, self.flat.outputs, strict=False)
        ]
        clustered = len(self.groups) <= MANY
        boxes = [self._box(number, clustered) for number in range(len(self.groups))]
        edges = {**self._edges(uses), **self._output_edges()}
        nodes = (*inputs, *boxes, *outputs)
        return View(self.graph.name, self.graph.variant, self.level, nodes, tuple(edges.values()))

    def _state(self, value: int) -> State:
        return "fine" if self.flat.types[value].known else "unknown"

    def _box(self, number: int, clustered: bool) -> ViewNode:
        run = self.groups[number]
        last = self.flat.nodes[run[-1].ops[-1]]
        figures = self.measures.of((op for group in run for op in group.ops), last.index)
        # Repetitions are equal, so that the state and the origin are those of the first.
        condition = state_of([self.flat.nodes[op] for op in run[0].ops], self.flat, self.errors)
        return ViewNode(
            self.ids[number],
            run[0].title if len(run) == 1 else show_range(run[0].title, run[-1].title),
            run[0].about,
            paths=tuple(group.path for group in run),
            shape=_shape(self.flat.types[last.outputs[0]]) if last.outputs else "",
            params=figures.params,
            macs=figures.macs,
            memory=figures.memory,
            receptive_field=figures.receptive_field,
            reach=figures.reach,
            state=condition.state,
            codes=condition.codes,
            given=condition.given,
            clusters=run[0].clusters if clustered else (),
            origin=describe_origin(run[0].steps[0]),
        )

    def _edges(self, uses: tuple[ValueUse, ...]) -> dict[tuple[str, str, str], ViewEdge]:
        """Return one edge for all uses of a kind between two boxes."""
        edges: dict[tuple[str, str, str], ViewEdge] = {}
        for use in uses:
            target = self.box_of[use.consumer]
            # A use inside one box is not drawn, and neither is a shortcut around a part of one.
            if (use.producer >= 0 and self.box_of[use.producer] == target) or self._is_partial(use, target):
                continue
            source = self._source(use.value)
            edge = self._edge(source, self.ids[target], use)
            before = edges.get((source, edge.target, edge.kind))
            edges[source, edge.target, edge.kind] = edge if before is None else _merge(before, edge)
        return edges

    def _is_partial(self, use: ValueUse, target: int) -> bool:
        """Whether a shortcut bypasses only a part of a box, so that drawing it around the box would mislead."""
        if use.kind in ("chain", "long-range"):
            return False
        group = self.groups[target][0]
        # From the box before a stage only a residual around the whole stage may be drawn as its shortcut.
        if group.stage and (use.producer < 0 or self.box_of[use.producer] + 1 == target):
            return group.single is None or use.depth != 1
        # In a dense block every inner concat reads the block's input: that is what the block is.
        growing = group.single is not None and "×" in group.about and use.kind == "concat"
        return use.depth > group.depth + (group.single is not None) and not growing

    def _edge(self, source: str, target: str, use: ValueUse) -> ViewEdge:
        kind = self.flat.types[use.value]
        return ViewEdge(source, target, use.kind, _shape(kind), use.badge, kind.known)

    def _output_edges(self) -> dict[tuple[str, str, str], ViewEdge]:
        """Return the edges to the outputs."""
        edges = {}
        for (target, _), value in zip(self.outputs, self.flat.outputs, strict=False):
            kind = self.flat.types[value]
            source = self._source(value)
            edges[source, target, "chain"] = ViewEdge(source, target, "chain", _shape(kind), "", kind.known)
        return edges

    def _source(self, value: int) -> str:
        producer = self.flat.producers[value]
        return self.inputs[self.flat.inputs.index(value)] if producer < 0 else self.ids[self.box_of[producer]]


def _merge(one: ViewEdge, other: ViewEdge) -> ViewEdge:
    """Merge two edges of a kind between the same boxes, with the shapes of both if they differ."""
    shapes = dict.fromkeys((*one.shape.split(", "), other.shape))
    return replace(one, shape=", ".join(shapes), badge=one.badge or other.badge, known=one.known and other.known)


def _shape(kind: ValueType) -> str:
    return str(kind) if kind.known else "?"
