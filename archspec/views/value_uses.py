"""Classify every use of a value (producer, value, consumer) by the kind of connection that it is drawn as."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.ir.flat import FlatGraph, FlatNode
from archspec.ir.graph import Body, Graph
from archspec.views.groups import outermost_step
from archspec.views.model import EdgeKind
from archspec.views.shortcuts import BodyShortcuts, Shortcut, shortcuts_of


class ValueUse(Struct, frozen=True):
    """A use of a value: its producer (an index of ops, -1 for an input) and its consumer.

    depth: how many calls are around the residual whose shortcut it is.
    """

    value: int
    producer: int
    consumer: int
    kind: EdgeKind = "chain"
    badge: str = ""
    depth: int = 0


class _ShortcutStep(Struct, frozen=True):
    """A shortcut that an op is part of, and how many calls are around it."""

    shortcut: Shortcut
    depth: int
    step: int


class UseClassifier:
    """Classifies the uses of a Graph's values, in order of execution.

    A use is part of a shortcut if its consumer or its producer is; of nested shortcuts the outermost counts, since at
    the level of that residual the inner ones are not drawn.
    """

    def __init__(self, graph: Graph, flat: FlatGraph) -> None:
        self._graph, self._flat = graph, flat
        self._known: dict[int, BodyShortcuts] = {}
        self._sections = {
            id(step): number
            for number, section in enumerate(graph.sections)
            for step in graph.body.steps[section.first : section.last]
        }

    def classify(self) -> Iterator[ValueUse]:
        """Yield every use."""
        for node in self._flat.nodes:
            for port, value in enumerate(node.inputs):
                if value is not None:
                    yield self._classify(node, port, value)
            if node.node.failed and not node.inputs:
                yield from self._guess_input(node)

    def _guess_input(self, reader: FlatNode) -> Iterator[ValueUse]:
        """Yield a use for a failed layer with unknown inputs: of the value before it, if nothing else reads that."""
        before = reader.index - 1
        if before >= 0:
            value = self._flat.nodes[before].outputs[0]
            if not self._flat.consumers[value]:
                yield ValueUse(value, before, reader.index, "chain", "", len(reader.calls))

    def _classify(self, reader: FlatNode, port: int, value: int) -> ValueUse:
        index = self._flat.producers[value]
        if index < 0:
            return self._classify_input(reader, port, value)
        producer = self._flat.nodes[index]
        within, left = self._shortcut(reader), self._shortcut(producer)
        if within is not None:
            # Only the first connection of a shortcut has its badge; those between its own ops would repeat it.
            entered = left is None or left.step != within.step
            badge = within.shortcut.badge if entered else ""
            return ValueUse(value, index, reader.index, within.shortcut.kind, badge, within.depth)
        # The shortcut ends where it is read outside: at the merge of its residual, or further out.
        if left is not None and len(reader.calls) <= left.depth:
            return ValueUse(value, index, reader.index, left.shortcut.kind, "", left.depth)
        kind = self._merged(reader, port)
        # A plain value that skips a whole stage is a skip of the network, as in a U-Net or a feature pyramid.
        if kind == "chain" and self._section(reader) - self._section(producer) > 1:
            kind = "long-range"
        return ValueUse(value, index, reader.index, kind, "", len(reader.calls))

    def _classify_input(self, reader: FlatNode, port: int, value: int) -> ValueUse:
        within = self._shortcut(reader)
        if within is not None:
            return ValueUse(value, -1, reader.index, within.shortcut.kind, within.shortcut.badge, within.depth)
        return ValueUse(value, -1, reader.index, self._merged(reader, port), "", len(reader.calls))

    def _merged(self, reader: FlatNode, port: int) -> EdgeKind:
        body = reader.calls[-1].body if reader.calls else self._graph.body
        return self._of(body).ports.get(id(reader.node), {}).get(port, "chain")

    def _shortcut(self, node: FlatNode) -> _ShortcutStep | None:
        """Return the outermost shortcut that an op is part of."""
        # From the network inwards, so that the first hit is the outermost.
        body = self._graph.body
        for depth, step in enumerate((*node.calls, node.node)):
            shortcut = self._of(body).steps.get(id(step))
            if shortcut is not None:
                return _ShortcutStep(shortcut, depth, id(step))
            body = node.calls[depth].body if depth < len(node.calls) else body
        return None

    def _of(self, body: Body) -> BodyShortcuts:
        known = self._known.get(id(body))
        if known is None:
            known = self._known[id(body)] = shortcuts_of(body)
        return known

    def _section(self, node: FlatNode) -> int:
        return self._sections.get(id(outermost_step(node)), 0)
