"""The result of comparing two bodies: changes, moves, and the steps that have no counterpart."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.analysis.cost import Costs
from archspec.comparison.changes import Change, Move, OneSidedStep, show_location
from archspec.ir.graph import Body, Call, Step, join


class UnmatchedStep(Struct, frozen=True, eq=False):
    """A step without a counterpart in the other network, and its path."""

    path: str
    step: Step
    body: Body

    def children(self) -> tuple[UnmatchedStep, ...]:
        """Return the steps inside a call; none for an op."""
        if not isinstance(self.step, Call):
            return ()
        inner = self.step.body
        return tuple(UnmatchedStep(join(self.path, step.scope), step, inner) for step in inner.steps)

    def report(self, costs: Costs) -> OneSidedStep:
        """Return the step as a Difference lists it."""
        output = self.step.outputs[0].shape if self.step.outputs else ()
        origin = self.step.origin
        cost = costs.of_step(self.body, self.step)
        return OneSidedStep(self.path, self.step.kind, output, show_location(origin.span), origin.inserted, cost)


class BodyDifference(Struct):
    """The differences of two bodies; paths are relative to the bodies."""

    changes: list[Change] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    removed: list[UnmatchedStep] = field(default_factory=list)
    added: list[UnmatchedStep] = field(default_factory=list)

    def include(self, inner: BodyDifference, before: str, after: str) -> None:
        """Add the differences inside a block that is called at these paths."""
        # Copies: the inner result is kept, and included at every other call of the same block.
        for change in inner.changes:
            paths = tuple((join(before, a), join(after, b)) for a, b in change.paths)
            self.changes.append(replace(change, paths=paths))
        for move in inner.moved:
            self.moved.append(replace(move, paths=(join(before, move.paths[0]), join(after, move.paths[1]))))
        self.removed.extend(replace(step, path=join(before, step.path)) for step in inner.removed)
        self.added.extend(replace(step, path=join(after, step.path)) for step in inner.added)
