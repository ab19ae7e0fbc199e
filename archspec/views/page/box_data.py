"""The figures and the state of a box of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.analysis.cost import Cost, Costs
from archspec.diagnostics import Diagnostic
from archspec.ir.flat import FlatGraph
from archspec.ir.graph import Body, Call, Node, Step
from archspec.views.figures import FLOAT_BYTES
from archspec.views.state import BoxState, state_of

FINE = BoxState("fine")


class BoxData:
    """Computes the data of boxes; that of a body once, however many calls share it."""

    def __init__(self, flat: FlatGraph, errors: tuple[Diagnostic, ...]) -> None:
        self._costs = Costs()
        self._memory: dict[int, int] = {}
        self._states: dict[int, BoxState] = {}  # of the ops that are not fine
        # Without unknown types there are no failures: most designs skip the search.
        if not all(kind.known for kind in flat.types):
            for node in flat.nodes:
                state = state_of((node,), flat, errors)
                if state != FINE:
                    self._states.setdefault(id(node.node), state)

    def of(self, body: Body, steps: Sequence[Step]) -> dict[str, Any]:
        """Return the data of some steps of a body, without unknown figures and the state `fine`."""
        cost = sum((self._costs.of_step(body, step) for step in steps), Cost())
        last = steps[-1].outputs
        data: dict[str, Any] = {"shape": (str(last[0]) if last[0].known else "?") if last else ""}
        if not cost.unknown:
            memory = sum(self._memory_of(step) for step in steps)
            data.update(params=cost.params, macs=cost.macs, memory=memory)
        state = next((found for found in map(self._state, steps) if found.state == "failed"), None)
        state = state or next((found for found in map(self._state, steps) if found != FINE), FINE)
        if state != FINE:
            data.update(state=state.state, codes=list(state.codes), given=list(state.given))
        return data

    def _memory_of(self, step: Step) -> int:
        if isinstance(step, Node):
            return sum(kind.elements for kind in step.outputs) * FLOAT_BYTES
        if id(step.body) not in self._memory:
            self._memory[id(step.body)] = sum(self._memory_of(inner) for inner in step.body.steps)
        return self._memory[id(step.body)]

    def _state(self, step: Step) -> BoxState:
        if not self._states:
            return FINE
        if isinstance(step, Call):
            found = [self._state(inner) for inner in step.body.steps]
            failed = next((state for state in found if state.state == "failed"), None)
            return failed or next((state for state in found if state != FINE), FINE)
        return self._states.get(id(step), FINE)
