"""What the page shows, as data: each distinct body once, with its boxes and the connections between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from archspec.diagnostics import Diagnostic
from archspec.ir.flat import flatten
from archspec.ir.graph import Body, Call, Graph, Section, Step
from archspec.views.groups import made_of, same_call
from archspec.views.naming import from_to
from archspec.views.origins import origin_of
from archspec.views.page.connecting import Connections, Part
from archspec.views.page.figures import Figures
from archspec.views.shortcuts import shortcuts_of


def tree_of(graph: Graph, errors: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    """The data of a Graph's page: `bodies`, of which the last is the network itself, its `inputs` and `outputs`.

    A box says by `inside` which body it opens to. `path` is what it adds to the module path of what is in it.
    """
    tree = _Tree(graph, tuple(errors))
    tree.whole()
    names = graph.outputs or tuple("output" if n == 0 else f"output {n + 1}" for n in range(len(graph.output_types)))
    outputs = [[name, str(kind) if kind.known else "?"] for name, kind in zip(names, graph.output_types, strict=False)]
    return {"bodies": tree.bodies, "inputs": [[name, str(kind)] for name, kind in graph.inputs], "outputs": outputs}


class _Tree:
    """The bodies, as they are come upon; a box refers to what is in it by its number."""

    def __init__(self, graph: Graph, errors: tuple[Diagnostic, ...]) -> None:
        self._graph = graph
        self._figures = Figures(flatten(graph), errors)
        self._numbers: dict[int, int] = {}
        self._connections: dict[int, Connections] = {}
        self.bodies: list[dict[str, Any]] = []

    def whole(self) -> int:
        """The network by its stages."""
        body, sections = self._graph.body, [s for s in self._graph.sections if s.first < s.last]
        places = {step: place for place, s in enumerate(sections) for step in range(s.first, s.last)}
        self._connections[id(body)] = Connections(body, places)
        boxes = [self._stage(body, section) for section in sections]
        return self._added(body, [tuple(range(s.first, s.last)) for s in sections], boxes, whole=True)

    def _stage(self, body: Body, section: Section) -> dict[str, Any]:
        """A stage as a box; one that is a single step is that step."""
        numbers = tuple(range(section.first, section.last))
        if len(numbers) == 1:
            return self._box(body, numbers)
        parts = self._folded(body, numbers)
        if len(parts) == 1:  # the stage is a block ×N
            return {**self._box(body, numbers), "title": section.name}
        inside = self._added(body, parts, [self._box(body, part) for part in parts])
        steps = body.steps[section.first : section.last]
        return {"title": section.name, "about": made_of(steps), "inside": inside, **self._figures.of(body, steps)}

    def _box(self, body: Body, part: Part) -> dict[str, Any]:
        """A step, or the same block several times, as a box."""
        steps = [body.steps[number] for number in part]
        first = steps[0]
        box = {"title": first.scope, "about": made_of((first,)), "origin": origin_of(first), **_skips(first)}
        box |= self._figures.of(body, steps)
        if len(steps) > 1:
            parts = [(number,) for number in part]
            inside = self._added(body, parts, [self._box(body, one) for one in parts])
            return {**box, "title": from_to(first.scope, steps[-1].scope), "count": len(steps), "inside": inside}
        box["path"] = first.scope
        return {**box, "inside": self._number(first.body)} if isinstance(first, Call) else box

    def _number(self, body: Body) -> int:
        """The number of a block's body, which is looked at once however often it is called."""
        if id(body) not in self._numbers:
            parts = self._folded(body, range(len(body.steps)))
            boxes = [self._box(body, part) for part in parts]
            self._numbers[id(body)] = self._added(body, parts, boxes, whole=True)
        return self._numbers[id(body)]

    def _added(self, body: Body, parts: Sequence[Part], boxes: list[dict[str, Any]], whole: bool = False) -> int:
        self.bodies.append({"boxes": boxes, "edges": self._between(body).between(parts, whole)})
        return len(self.bodies) - 1

    def _between(self, body: Body) -> Connections:
        if id(body) not in self._connections:
            self._connections[id(body)] = Connections(body)
        return self._connections[id(body)]

    def _folded(self, body: Body, numbers: Sequence[int]) -> list[Part]:
        """The same blocks in a row, each read by the next alone, as one part."""
        between, parts = self._between(body), list[Part]()
        for number in numbers:
            before = parts[-1][-1] if parts else -1
            same = before >= 0 and same_call(body.steps[before], body.steps[number])
            if same and between.feeds_only(before, number):
                parts[-1] = (*parts[-1], number)
            else:
                parts.append((number,))
        return parts


def _skips(step: Step) -> dict[str, Any]:
    """The shortcuts of a block's own residuals, by kind and why the compiler put them there."""
    if not isinstance(step, Call):
        return {}
    found = shortcuts_of(step.body)
    inserted = [(shortcut.kind, shortcut.badge) for shortcut in found.steps.values()]
    plain = [(kind, "") for ports in found.ports.values() for kind in ports.values()]
    skips = dict.fromkeys(inserted or plain)
    return {"skips": [list(skip) for skip in skips]} if skips else {}
