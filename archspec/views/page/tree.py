"""The data of the page: each distinct body once, with its boxes and the connections between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from archspec.diagnostics import Diagnostic
from archspec.ir.flat import flatten
from archspec.ir.graph import Body, Call, Graph, Section, Step
from archspec.views.groups import describe_steps, is_same_call
from archspec.views.origins import describe_origin
from archspec.views.page.box_data import BoxData
from archspec.views.page.connections import Connections, StepGroup
from archspec.views.shortcuts import shortcuts_of
from archspec.views.unique_ids import show_range


def page_data(graph: Graph, errors: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    """Return the data of a Graph's page: `bodies`, the last of which is the network itself, its `inputs` and `outputs`.

    A box has the index of the body that it opens to as `inside`, and its segment of module paths as `path`.
    """
    tree = _Tree(graph, tuple(errors))
    tree.add_network()
    names = graph.outputs or tuple("output" if n == 0 else f"output {n + 1}" for n in range(len(graph.output_types)))
    outputs = [[name, str(kind) if kind.known else "?"] for name, kind in zip(names, graph.output_types, strict=False)]
    return {"bodies": tree.bodies, "inputs": [[name, str(kind)] for name, kind in graph.inputs], "outputs": outputs}


class _Tree:
    """Collects the bodies in the order of their first use; a box refers to its body by number."""

    def __init__(self, graph: Graph, errors: tuple[Diagnostic, ...]) -> None:
        self._graph = graph
        self._data = BoxData(flatten(graph), errors)
        self._numbers: dict[int, int] = {}  # by id of a body, which the Graph keeps alive
        self._connections: dict[int, Connections] = {}
        self.bodies: list[dict[str, Any]] = []

    def add_network(self) -> int:
        """Add the network by its stages; return its number."""
        body, sections = self._graph.body, [s for s in self._graph.sections if s.first < s.last]
        places = {step: place for place, s in enumerate(sections) for step in range(s.first, s.last)}
        self._connections[id(body)] = Connections(body, places)
        boxes = [self._stage(body, section) for section in sections]
        return self._add(body, [tuple(range(s.first, s.last)) for s in sections], boxes, whole=True)

    def _stage(self, body: Body, section: Section) -> dict[str, Any]:
        """Return a stage as a box; a stage of one step is that step."""
        numbers = tuple(range(section.first, section.last))
        if len(numbers) == 1:
            return self._box(body, numbers)
        parts = self._folded(body, numbers)
        if len(parts) == 1:  # a stage of repetitions of one block is that box, under the stage's name
            return {**self._box(body, numbers), "title": section.name}
        inside = self._add(body, parts, [self._box(body, part) for part in parts])
        steps = body.steps[section.first : section.last]
        return {"title": section.name, "about": describe_steps(steps), "inside": inside, **self._data.of(body, steps)}

    def _box(self, body: Body, part: StepGroup) -> dict[str, Any]:
        """Return a step, or several repetitions of a block, as a box."""
        steps = [body.steps[number] for number in part]
        first = steps[0]
        box = {
            "title": first.scope,
            "about": describe_steps((first,)),
            "origin": describe_origin(first),
            **_skips(first),
        }
        box |= self._data.of(body, steps)
        if len(steps) > 1:
            parts = [(number,) for number in part]
            inside = self._add(body, parts, [self._box(body, one) for one in parts])
            return {**box, "title": show_range(first.scope, steps[-1].scope), "count": len(steps), "inside": inside}
        box["path"] = first.scope
        return {**box, "inside": self._body_number(first.body)} if isinstance(first, Call) else box

    def _body_number(self, body: Body) -> int:
        """Return the number of a block's body, which is added at its first call."""
        if id(body) not in self._numbers:
            parts = self._folded(body, range(len(body.steps)))
            boxes = [self._box(body, part) for part in parts]
            self._numbers[id(body)] = self._add(body, parts, boxes, whole=True)
        return self._numbers[id(body)]

    def _add(self, body: Body, parts: Sequence[StepGroup], boxes: list[dict[str, Any]], whole: bool = False) -> int:
        self.bodies.append({"boxes": boxes, "edges": self._connections_of(body).between(parts, whole)})
        return len(self.bodies) - 1

    def _connections_of(self, body: Body) -> Connections:
        if id(body) not in self._connections:
            self._connections[id(body)] = Connections(body)
        return self._connections[id(body)]

    def _folded(self, body: Body, numbers: Sequence[int]) -> list[StepGroup]:
        """Return the steps in groups, with repetitions of a block that only read one another as one (see `folding`)."""
        between, parts = self._connections_of(body), list[StepGroup]()
        for number in numbers:
            before = parts[-1][-1] if parts else -1
            same = before >= 0 and is_same_call(body.steps[before], body.steps[number])
            if same and between.feeds_only(before, number):
                parts[-1] = (*parts[-1], number)
            else:
                parts.append((number,))
        return parts


def _skips(step: Step) -> dict[str, Any]:
    """Return the shortcuts of a block's own residuals, by kind and why the compiler inserted them."""
    if not isinstance(step, Call):
        return {}
    found = shortcuts_of(step.body)
    inserted = [(shortcut.kind, shortcut.badge) for shortcut in found.steps.values()]
    plain = [(kind, "") for ports in found.ports.values() for kind in ports.values()]
    skips = dict.fromkeys(inserted or plain)
    return {"skips": [list(skip) for skip in skips]} if skips else {}
