"""When two parts are the same: by form (ops, arguments and wiring), or exactly (with every shape)."""

from __future__ import annotations

from collections.abc import Hashable

from archspec.ir.graph import Body, Call, Step


class Identities:
    """Numbers for steps of several graphs: equal numbers, equal parts. Names of blocks do not count, paths within do.

    A body that is used often is looked at once.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._bodies: dict[tuple[int, bool], int] = {}
        self._kept: list[Body] = []  # an id is only unique while its body lives

    def form(self, step: Step) -> int:
        """The number of what a step does, whatever the shapes that it is given."""
        return self._number(self._step(step, None))

    def exact(self, body: Body, step: Step) -> int:
        """The number of what a step of a body does and of the shapes that it takes and gives."""
        return self._number(self._step(step, body))

    def of_body(self, body: Body, exact: bool = False) -> int:
        """The number of a body, by its steps, their paths within and their wiring."""
        known = self._bodies.get((id(body), exact))
        if known is None:
            whose = body if exact else None
            steps = tuple((step.scope, step.inputs, self._step(step, whose)) for step in body.steps)
            types = body.inputs if exact else len(body.inputs)
            known = self._number((steps, types, body.outputs, body.main))
            self._bodies[id(body), exact] = known
            self._kept.append(body)
        return known

    def _step(self, step: Step, body: Body | None) -> Hashable:
        types = (body.input_types(step), step.outputs) if body is not None else None
        if isinstance(step, Call):
            return "call", self.of_body(step.body, body is not None), step.share, types
        return "op", step.op, step.keys, step.init, step.share, types

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))
