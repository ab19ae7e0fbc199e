"""The connections between the boxes of one body, for the page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archspec.ir.graph import Body, Call
from archspec.views.model import EdgeKind
from archspec.views.shortcuts import shortcuts_of

StepGroup = tuple[int, ...]  # the numbers of a body's steps that are one box


class Connections:
    """The producers and readers of a body's values: -1, -2, ... produce its inputs, its end reads its outputs."""

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
        """Whether a step reads only one other step, which only it reads."""
        producers = {self._producer(value) for value in self._body.steps[number].inputs if value is not None}
        readers = {reader for value in self._made(before) for reader in self._readers.get(value, ())}
        return producers == {before} and readers == {number}

    def between(self, parts: Sequence[StepGroup], whole: bool) -> list[dict[str, Any]]:
        """Return the connections between groups: from -1, -2, ... for inputs, to len(parts), ... for outputs.

        whole: the groups are all of the body, so that its own inputs and outputs are meant.
        """
        part_of = {step: number for number, part in enumerate(parts) for step in part}
        steps = [step for part in parts for step in part]
        inputs = list(range(len(self._body.inputs))) if whole else self.inputs_of(steps)
        edges: dict[tuple[int, int, str], dict[str, Any]] = {}
        for reader in steps:
            target = part_of[reader]
            for port, value in enumerate(self._body.steps[reader].inputs):
                if value is None or part_of.get(self._producer(value)) == target:
                    continue
                inside = self._producer(value) in part_of
                source = part_of[self._producer(value)] if inside else -1 - inputs.index(value)
                kind, badge = self._kind(reader, port, value)
                edge = self._edge(source, target, value, kind, badge, self._port(parts[target], value))
                # One edge for all uses of a kind between two boxes, as in a View.
                known = edges.setdefault((source, target, kind), edge)
                known["badge"] = known["badge"] or badge
                known["shape"] = ", ".join(dict.fromkeys((*known["shape"].split(", "), edge["shape"])))
        return [*edges.values(), *self._leaving(parts, part_of, whole)]

    def inputs_of(self, steps: Sequence[int]) -> list[int]:
        """Return the values that some steps read from elsewhere, in the order of the reads."""
        inside = set(steps)
        read = (value for step in steps for value in self._body.steps[step].inputs if value is not None)
        return list(dict.fromkeys(value for value in read if self._producer(value) not in inside))

    def _leaving(self, parts: Sequence[StepGroup], part_of: Mapping[int, int], whole: bool) -> Iterator[dict[str, Any]]:
        """Yield the connections to the outputs of the groups."""
        if whole:
            values = list(self._body.outputs[: self._body.main])
        else:
            made = (value for part in parts for step in part for value in self._made(step))
            # What only these groups read does not leave them.
            values = [value for value in made if not self._readers.get(value, set()) <= part_of.keys()]
        for number, value in enumerate(values):
            producer = self._producer(value)
            yield self._edge(part_of.get(producer, producer), len(parts) + number, value, "chain", "", 0)

    def _edge(self, source: int, target: int, value: int, kind: EdgeKind, badge: str, port: int) -> dict[str, Any]:
        known = self._body.types[value]
        shape = str(known) if known.known else "?"
        return {"from": source, "to": target, "kind": kind, "shape": shape, "badge": badge, "port": port}

    def _port(self, part: StepGroup, value: int) -> int:
        """Return the input of a group that reads a value."""
        step = self._body.steps[part[0]]
        if len(part) == 1 and isinstance(step, Call):
            return step.inputs.index(value)
        return self.inputs_of(part).index(value)

    def _kind(self, reader: int, port: int, value: int) -> tuple[EdgeKind, str]:
        steps, producer = self._body.steps, self._producer(value)
        within = self._shortcuts.steps.get(id(steps[reader]))
        left = self._shortcuts.steps.get(id(steps[producer])) if producer >= 0 else None
        if within is not None:
            return within.kind, within.badge if left is None else ""
        if left is not None:
            return left.kind, ""
        kind = self._shortcuts.ports.get(id(steps[reader]), {}).get(port)
        if kind is None and self._sections.get(reader, 0) - self._sections.get(producer, 0) > 1:
            return "long-range", ""
        return kind or "chain", ""

    def _producer(self, value: int) -> int:
        """Return the step that makes a value; -1, -2, ... for the inputs of the body."""
        if value < len(self._body.inputs):
            return -1 - value
        # `starts` has the first value of each step in increasing order.
        return bisect_right(self._body.starts, value) - 1

    def _made(self, step: int) -> range:
        first = self._body.starts[step]
        return range(first, first + len(self._body.steps[step].outputs))
