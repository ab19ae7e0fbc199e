"""Graph to view: ops to boxes, values to edges, the same blocks in a row to one box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from archspec.analysis.summary import LEVELS
from archspec.diagnostics import Diagnostic
from archspec.ir.flat import FlatGraph, flatten
from archspec.ir.graph import Graph
from archspec.ir.types import ValueType
from archspec.views.flows import Flow, Flows
from archspec.views.folding import folded
from archspec.views.groups import Group, groups_of
from archspec.views.measures import Measures
from archspec.views.model import MANY, State, View, ViewEdge, ViewNode
from archspec.views.naming import Names, from_to
from archspec.views.opening import opened_in
from archspec.views.origins import origin_of
from archspec.views.state import state_of


def view_of(graph: Graph, level: str = "block", found: Iterable[Diagnostic] = (), opened: Iterable[str] = ()) -> View:
    """The picture of a Graph at a level, with the stages and blocks whose paths are `opened` divided further.

    `found` are the findings whose codes stand at the layers that failed.
    """
    return placed_view(graph, level, found, opened)[0]


def placed_view(
    graph: Graph, level: str, found: Iterable[Diagnostic] = (), opened: Iterable[str] = ()
) -> tuple[View, dict[str, str]]:
    """The same, and by the path of every op the id of the box that it is in."""
    if not isinstance(graph, Graph):
        raise TypeError(f"a view is of a Graph, not of {type(graph).__name__}; archspec.lower(spec) gives one")
    if level not in LEVELS:
        raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r}")
    flat = flatten(graph)
    flows = tuple(Flows(graph, flat).all())
    groups = folded(groups_of(graph, flat, level, opened_in(graph, opened)), flows)
    drawn = _Drawn(graph, flat, level, groups, tuple(d for d in found if d.is_error))
    return drawn.view(flows), {node.path: drawn.ids[drawn.box_of[node.index]] for node in flat.nodes}


class _Drawn:
    """The boxes of a Graph, while the edges between them are looked for."""

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
        self.measures = Measures(graph, flat, (run[-1].ops[-1] for run in groups))
        names = Names()
        self.inputs = [names.unique(f"input:{name}") for name, _ in graph.inputs]
        self.ids = [names.unique(run[0].path) for run in groups]
        outputs = graph.outputs or tuple("output" if n == 0 else f"output {n + 1}" for n in range(len(flat.outputs)))
        self.outputs = [(names.unique(f"output:{name}"), name) for name in outputs]

    def view(self, flows: tuple[Flow, ...]) -> View:
        """The boxes with the edges."""
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
        edges = {**self._edges(flows), **self._last()}
        nodes = (*inputs, *boxes, *outputs)
        return View(self.graph.name, self.graph.variant, self.level, nodes, tuple(edges.values()))

    def _state(self, value: int) -> State:
        return "fine" if self.flat.types[value].known else "unknown"

    def _box(self, number: int, clustered: bool) -> ViewNode:
        run = self.groups[number]
        last = self.flat.nodes[run[-1].ops[-1]]
        figures = self.measures.of((op for group in run for op in group.ops), last.index)
        condition = state_of([self.flat.nodes[op] for op in run[0].ops], self.flat, self.errors)
        return ViewNode(
            self.ids[number],
            run[0].title if len(run) == 1 else from_to(run[0].title, run[-1].title),
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
            origin=origin_of(run[0].steps[0]),
        )

    def _edges(self, flows: tuple[Flow, ...]) -> dict[tuple[str, str, str], ViewEdge]:
        """One edge for all flows of a kind between two boxes."""
        edges: dict[tuple[str, str, str], ViewEdge] = {}
        for flow in flows:
            target = self.box_of[flow.reader]
            if (flow.maker >= 0 and self.box_of[flow.maker] == target) or self._inner(flow, target):
                continue
            source = self._source(flow.value)
            edge = self._edge(source, self.ids[target], flow)
            before = edges.get((source, edge.target, edge.kind))
            edges[source, edge.target, edge.kind] = edge if before is None else _joined(before, edge)
        return edges

    def _inner(self, flow: Flow, target: int) -> bool:
        """Whether a shortcut goes around a part of a box only, so that drawn at the box it would mislead."""
        if flow.kind in ("chain", "long-range"):
            return False
        group = self.groups[target][0]
        if group.stage and (flow.maker < 0 or self.box_of[flow.maker] + 1 == target):
            return group.single is None or flow.depth != 1
        growing = group.single is not None and "×" in group.about and flow.kind == "concat"
        return flow.depth > group.depth + (group.single is not None) and not growing

    def _edge(self, source: str, target: str, flow: Flow) -> ViewEdge:
        kind = self.flat.types[flow.value]
        return ViewEdge(source, target, flow.kind, _shape(kind), flow.badge, kind.known)

    def _last(self) -> dict[tuple[str, str, str], ViewEdge]:
        """The edges to the outputs."""
        edges = {}
        for (target, _), value in zip(self.outputs, self.flat.outputs, strict=False):
            kind = self.flat.types[value]
            source = self._source(value)
            edges[source, target, "chain"] = ViewEdge(source, target, "chain", _shape(kind), "", kind.known)
        return edges

    def _source(self, value: int) -> str:
        maker = self.flat.producers[value]
        return self.inputs[self.flat.inputs.index(value)] if maker < 0 else self.ids[self.box_of[maker]]


def _joined(one: ViewEdge, other: ViewEdge) -> ViewEdge:
    """Two flows of a kind between the same boxes as one edge, with the shapes of both where they differ."""
    shapes = dict.fromkeys((*one.shape.split(", "), other.shape))
    return replace(one, shape=", ".join(shapes), badge=one.badge or other.badge, known=one.known and other.known)


def _shape(kind: ValueType) -> str:
    return str(kind) if kind.known else "?"
