"""The connections between the parts of one body, for the page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archspec.ir.graph import Body, Call
from archspec.views.model import EdgeKind
from archspec.views.shortcuts import shortcuts_of

Part = tuple[int, ...]  # steps of a body, by their numbers


class Connections:
    """Who reads what in a body. A body's inputs are the makers -1, -2 ..., its end is a reader of its outputs."""

    def __init__(self, body: Body, sections: Mapping[int, int] | None = None) -> None:
        self._body, self._sections = body, sections or {}
        self._shortcuts = shortcuts_of(body)
        self._readers: dict[int, set[int]] = {}
        for number, step in enumerate(body.steps):
            for value in step.inputs:
                if value is not None:
                    self._readers.setdefault(value, set()).add(number)
        for value in body.outputs:
            self._readers.setdefault(value, set()).add(len(body.steps))

    def feeds_only(self, before: int, number: int) -> bool:
        """Whether a step reads another one alone, and that is read by it alone."""
        makers = {self._maker(value) for value in self._body.steps[number].inputs if value is not None}
        readers = {reader for value in self._made(before) for reader in self._readers.get(value, ())}
        return makers == {before} and readers == {number}

    def between(self, parts: Sequence[Part], whole: bool) -> list[dict[str, Any]]:
        """The connections between parts: from -1, -2 ... what comes in, to len(parts) ... what goes out.

        `whole`: the parts are all of the body, so that what comes in and goes out are its own inputs and outputs.
        """
        part_of = {step: number for number, part in enumerate(parts) for step in part}
        steps = [step for part in parts for step in part]
        given = list(range(len(self._body.inputs))) if whole else self.given(steps)
        edges: dict[tuple[int, int, str], dict[str, Any]] = {}
        for reader in steps:
            target = part_of[reader]
            for port, value in enumerate(self._body.steps[reader].inputs):
                if value is None or part_of.get(self._maker(value)) == target:
                    continue
                inside = self._maker(value) in part_of
                source = part_of[self._maker(value)] if inside else -1 - given.index(value)
                kind, badge = self._kind(reader, port, value)
                edge = self._edge(source, target, value, kind, badge, self._port(parts[target], value))
                known = edges.setdefault((source, target, kind), edge)
                known["badge"] = known["badge"] or badge
                known["shape"] = ", ".join(dict.fromkeys((*known["shape"].split(", "), edge["shape"])))
        return [*edges.values(), *self._leaving(parts, part_of, whole)]

    def given(self, steps: Sequence[int]) -> list[int]:
        """The values that some steps read and do not make, in the order in which they are read."""
        inside = set(steps)
        read = (value for step in steps for value in self._body.steps[step].inputs if value is not None)
        return list(dict.fromkeys(value for value in read if self._maker(value) not in inside))

    def _leaving(self, parts: Sequence[Part], part_of: Mapping[int, int], whole: bool) -> Iterator[dict[str, Any]]:
        """The connections to what goes out of the parts."""
        if whole:
            values = list(self._body.outputs[: self._body.main])
        else:
            made = (value for part in parts for step in part for value in self._made(step))
            values = [value for value in made if not self._readers.get(value, set()) <= part_of.keys()]
        for number, value in enumerate(values):
            maker = self._maker(value)
            yield self._edge(part_of.get(maker, maker), len(parts) + number, value, "chain", "", 0)

    def _edge(self, source: int, target: int, value: int, kind: EdgeKind, badge: str, port: int) -> dict[str, Any]:
        known = self._body.types[value]
        shape = str(known) if known.known else "?"
        return {"from": source, "to": target, "kind": kind, "shape": shape, "badge": badge, "port": port}

    def _port(self, part: Part, value: int) -> int:
        """By which of its inputs a part takes a value."""
        step = self._body.steps[part[0]]
        if len(part) == 1 and isinstance(step, Call):
            return step.inputs.index(value)
        return self.given(part).index(value)

    def _kind(self, reader: int, port: int, value: int) -> tuple[EdgeKind, str]:
        steps, maker = self._body.steps, self._maker(value)
        within = self._shortcuts.steps.get(id(steps[reader]))
        left = self._shortcuts.steps.get(id(steps[maker])) if maker >= 0 else None
        if within is not None:
            return within.kind, within.badge if left is None else ""
        if left is not None:
            return left.kind, ""
        kind = self._shortcuts.ports.get(id(steps[reader]), {}).get(port)
        if kind is None and self._sections.get(reader, 0) - self._sections.get(maker, 0) > 1:
            return "long-range", ""
        return kind or "chain", ""

    def _maker(self, value: int) -> int:
        """The step that makes a value; -1, -2 ... for the inputs of the body."""
        if value < len(self._body.inputs):
            return -1 - value
        return bisect_right(self._body.starts, value) - 1

    def _made(self, step: int) -> range:
        first = self._body.starts[step]
        return range(first, first + len(self._body.steps[step].outputs))
