"""Every value that goes from op to op, and what kind of connection it is."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.ir.flat import FlatGraph, FlatNode
from archspec.ir.graph import Body, Graph
from archspec.views.groups import top_of
from archspec.views.model import EdgeKind
from archspec.views.shortcuts import Shortcut, Shortcuts, shortcuts_of


class Flow(Struct, frozen=True):
    """A value read: by its number the maker (an index of ops, -1 for an input) and the reader.

    `depth`: how many calls are around the residual whose shortcut it is.
    """

    value: int
    maker: int
    reader: int
    kind: EdgeKind = "chain"
    badge: str = ""
    depth: int = 0


class _Place(Struct, frozen=True):
    """A shortcut that an op belongs to, and how many calls are around it."""

    shortcut: Shortcut
    depth: int
    step: int


class Flows:
    """The flows of a Graph, in the order in which they are read."""

    def __init__(self, graph: Graph, flat: FlatGraph) -> None:
        self._graph, self._flat = graph, flat
        self._known: dict[int, Shortcuts] = {}
        self._sections = {
            id(step): number
            for number, section in enumerate(graph.sections)
            for step in graph.body.steps[section.first : section.last]
        }

    def all(self) -> Iterator[Flow]:
        """Every flow."""
        for node in self._flat.nodes:
            for port, value in enumerate(node.inputs):
                if value is not None:
                    yield self._flow(node, port, value)
            if node.node.failed and not node.inputs:
                yield from self._presumed(node)

    def _presumed(self, reader: FlatNode) -> Iterator[Flow]:
        """Of a layer that failed so that nobody knows what it reads: the value before it that no other layer reads."""
        before = reader.index - 1
        if before >= 0:
            value = self._flat.nodes[before].outputs[0]
            if not self._flat.consumers[value]:
                yield Flow(value, before, reader.index, "chain", "", len(reader.calls))

    def _flow(self, reader: FlatNode, port: int, value: int) -> Flow:
        index = self._flat.producers[value]
        if index < 0:
            return self._entering(reader, port, value)
        maker = self._flat.nodes[index]
        within, left = self._shortcut(reader), self._shortcut(maker)
        if within is not None:
            entered = left is None or left.step != within.step
            badge = within.shortcut.badge if entered else ""
            return Flow(value, index, reader.index, within.shortcut.kind, badge, within.depth)
        if left is not None and len(reader.calls) <= left.depth:
            return Flow(value, index, reader.index, left.shortcut.kind, "", left.depth)
        kind = self._merged(reader, port)
        if kind == "chain" and self._section(reader) - self._section(maker) > 1:
            kind = "long-range"
        return Flow(value, index, reader.index, kind, "", len(reader.calls))

    def _entering(self, reader: FlatNode, port: int, value: int) -> Flow:
        within = self._shortcut(reader)
        if within is not None:
            return Flow(value, -1, reader.index, within.shortcut.kind, within.shortcut.badge, within.depth)
        return Flow(value, -1, reader.index, self._merged(reader, port), "", len(reader.calls))

    def _merged(self, reader: FlatNode, port: int) -> EdgeKind:
        body = reader.calls[-1].body if reader.calls else self._graph.body
        return self._of(body).ports.get(id(reader.node), {}).get(port, "chain")

    def _shortcut(self, node: FlatNode) -> _Place | None:
        """The outermost shortcut that an op is part of."""
        body = self._graph.body
        for depth, step in enumerate((*node.calls, node.node)):
            shortcut = self._of(body).steps.get(id(step))
            if shortcut is not None:
                return _Place(shortcut, depth, id(step))
            body = node.calls[depth].body if depth < len(node.calls) else body
        return None

    def _of(self, body: Body) -> Shortcuts:
        known = self._known.get(id(body))
        if known is None:
            known = self._known[id(body)] = shortcuts_of(body)
        return known

    def _section(self, node: FlatNode) -> int:
        return self._sections.get(id(top_of(node)), 0)
