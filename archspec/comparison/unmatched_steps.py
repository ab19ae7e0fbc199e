"""The steps that have no counterpart in the other network."""

from __future__ import annotations

from msgspec import Struct

from archspec.ir.graph import Body, Call, Step, join


class UnmatchedStep(Struct, frozen=True, eq=False):
    """A step without a counterpart in the other network, and its path."""

    path: str
    step: Step
    body: Body

    def children(self) -> tuple[UnmatchedStep, ...]:
        """Return the steps inside a call; none for an op.

        Nor for a call that shares its tensors: its steps cost more than it does.
        """
        if not isinstance(self.step, Call) or self.step.share:
            return ()
        inner = self.step.body
        return tuple(UnmatchedStep(join(self.path, step.scope), step, inner) for step in inner.steps)
