"""Number the steps of several graphs so that equal numbers mean equal structure (value numbering, by hash consing)."""

from __future__ import annotations

from collections.abc import Hashable

from archspec.ir.graph import Body, Call, Step


class StepNumbering:
    """Numbers of steps and bodies: equal numbers, equal parts. Block names do not count, paths within a block do.

    A body that many calls share is numbered once.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._bodies: dict[tuple[int, bool], int] = {}
        self._referenced: list[Body] = []  # an id is only unique while its body lives

    def of_form(self, step: Step) -> int:
        """Return the number of a step's structure, for inputs of any shape."""
        return self._number(self._key(step, None))

    def of_exact(self, body: Body, step: Step) -> int:
        """Return the number of a step's structure together with the shapes of its inputs and outputs."""
        return self._number(self._key(step, body))

    def of_body(self, body: Body, exact: bool = False) -> int:
        """Return the number of a body: of its steps, their paths and their wiring."""
        known = self._bodies.get((id(body), exact))
        if known is None:
            typed = body if exact else None
            steps = tuple((step.scope, step.inputs, self._key(step, typed)) for step in body.steps)
            types = body.inputs if exact else len(body.inputs)
            known = self._number((steps, types, body.outputs, body.main))
            self._bodies[id(body), exact] = known
            self._referenced.append(body)
        return known

    def _key(self, step: Step, body: Body | None) -> Hashable:
        types = (body.input_types(step), step.outputs) if body is not None else None
        if isinstance(step, Call):
            return "call", self.of_body(step.body, body is not None), step.share, types
        return "op", step.op, step.keys, step.init, step.share, types

    def _number(self, key: Hashable) -> int:
        # Keys contain the numbers of inner bodies, so that comparing them is shallow.
        return self._numbers.setdefault(key, len(self._numbers))
