"""What the page says of a box beside its name: costs, its output, whether it failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.analysis.cost import Cost, Costs
from archspec.diagnostics import Diagnostic
from archspec.ir.flat import FlatGraph
from archspec.ir.graph import Body, Call, Node, Step
from archspec.views.measures import FLOAT_BYTES
from archspec.views.state import Condition, state_of

FINE = Condition("fine")


class Figures:
    """The figures of the steps of a Graph; a body that is used a hundred times is looked at once."""

    def __init__(self, flat: FlatGraph, errors: tuple[Diagnostic, ...]) -> None:
        self._costs = Costs()
        self._memory: dict[int, int] = {}
        self._conditions: dict[int, Condition] = {}  # of the ops that are not fine
        if not all(kind.known for kind in flat.types):
            for node in flat.nodes:
                condition = state_of((node,), flat, errors)
                if condition != FINE:
                    self._conditions.setdefault(id(node.node), condition)

    def of(self, body: Body, steps: Sequence[Step]) -> dict[str, Any]:
        """Those of some steps of a body; a figure that is unknown, and a state that is fine, are left out."""
        cost = sum((self._costs.of_step(body, step) for step in steps), Cost())
        last = steps[-1].outputs
        told: dict[str, Any] = {"shape": (str(last[0]) if last[0].known else "?") if last else ""}
        if not cost.unknown:
            memory = sum(self._memory_of(step) for step in steps)
            told.update(params=cost.params, macs=cost.macs, memory=memory)
        condition = next((found for found in map(self._condition, steps) if found.state == "failed"), None)
        condition = condition or next((found for found in map(self._condition, steps) if found != FINE), FINE)
        if condition != FINE:
            told.update(state=condition.state, codes=list(condition.codes), given=list(condition.given))
        return told

    def _memory_of(self, step: Step) -> int:
        if isinstance(step, Node):
            return sum(kind.elements for kind in step.outputs) * FLOAT_BYTES
        if id(step.body) not in self._memory:
            self._memory[id(step.body)] = sum(self._memory_of(inner) for inner in step.body.steps)
        return self._memory[id(step.body)]

    def _condition(self, step: Step) -> Condition:
        if not self._conditions:
            return FINE
        if isinstance(step, Call):
            found = [self._condition(inner) for inner in step.body.steps]
            failed = next((condition for condition in found if condition.state == "failed"), None)
            return failed or next((condition for condition in found if condition != FINE), FINE)
        return self._conditions.get(id(step), FINE)
