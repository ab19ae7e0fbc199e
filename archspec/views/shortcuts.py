"""Find the shortcuts of a body's residuals: their steps, and the ports at which merges read them."""

from __future__ import annotations

from msgspec import Struct, field

from archspec.ir.graph import RESIDUAL_MERGE, Body, Call, Node, Step
from archspec.ir.op import Op
from archspec.views.model import Skip


class Shortcut(Struct, frozen=True):
    """A shortcut with layers of its own; `badge` is why the compiler inserted it."""

    kind: Skip
    badge: str = ""


class BodyShortcuts(Struct):
    """The shortcuts of one body: by step id the one that it is part of, by id of a merge the ports that read one."""

    steps: dict[int, Shortcut] = field(default_factory=dict)
    ports: dict[int, dict[int, Skip]] = field(default_factory=dict)


def shortcuts_of(body: Body) -> BodyShortcuts:
    """Return the shortcuts of a body's own residuals."""
    found = BodyShortcuts()
    for step in body.steps:
        if isinstance(step, Node) and step.origin.inserted == RESIDUAL_MERGE:
            kind, (main, ports) = _kind_of(step.op), step.op.residual_ports(len(step.inputs))
            found.ports[id(step)] = dict.fromkeys(ports, kind)
            _mark_explicit(body, step, ports, main, found)
    for decision in body.decisions:
        if decision.kind == "inserted":
            steps = body.steps[slice(*decision.steps)]
            kind = "pad" if any(_pads(inner) for inner in steps) else "projection"
            found.steps.update((id(inner), Shortcut(kind, decision.reason)) for inner in steps)
    return found


def _kind_of(merge: Op) -> Skip:
    """Return how the shortcut of a residual with this merge is drawn."""
    if merge.multiplies_inputs:
        return "gate"
    return "concat" if merge.kind == "concat" else "identity"


def _mark_explicit(body: Body, merge: Node, ports: tuple[int, ...], main: int, found: BodyShortcuts) -> None:
    """Mark the layers of an explicit shortcut, which lowering emits after the residual's body and before the merge."""
    end = _producer(body, merge.inputs[main])
    for port in ports:
        own = _producer(body, merge.inputs[port])
        for step in body.steps[end + 1 : own + 1]:
            found.steps[id(step)] = Shortcut("projection")


def _producer(body: Body, value: int | None) -> int:
    """Return the index of the step that makes a value; -1 for an input of the body."""
    if value is None:
        return -1
    return max((index for index, start in enumerate(body.starts) if start <= value), default=-1)


def _pads(step: Step) -> bool:
    if isinstance(step, Call):
        return any(_pads(inner) for inner in step.body.steps)
    return step.kind == "pad"
