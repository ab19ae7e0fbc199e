"""Align two bodies, and the blocks inside them that are compared step by step; each pair of bodies once."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from archspec.comparison.alignment import IndexPairs, StepKey, align
from archspec.comparison.attribute_changes import attribute_changes
from archspec.comparison.changes import AttributeChange, Pair
from archspec.comparison.repeats import RepeatChange, repeat_changes
from archspec.comparison.step_numbering import StepNumbering
from archspec.comparison.subsequence import longest_increasing_subsequence
from archspec.comparison.unmatched_steps import UnmatchedStep
from archspec.comparison.wiring import Wiring
from archspec.ir.graph import Body, Call, Step, join


class AlignedBodies(Struct, frozen=True, eq=False, dict=True):
    """Two bodies with the indices of their matching steps, sorted by the first, and what was found about them."""

    before: Body
    after: Body
    pairs: IndexPairs
    repeats: tuple[RepeatChange, ...]

    @cached_property
    def removed(self) -> list[int]:
        """The indices of the steps before that have no counterpart, in order."""
        counted = {index for repeat in self.repeats for index in repeat.before}
        return sorted(set(range(len(self.before.steps))) - counted - {i for i, _ in self.pairs})

    @cached_property
    def added(self) -> list[int]:
        """The indices of the steps after that have no counterpart, in order."""
        counted = {index for repeat in self.repeats for index in repeat.after}
        return sorted(set(range(len(self.after.steps))) - counted - {j for _, j in self.pairs})

    @cached_property
    def wirings(self) -> tuple[Wiring, Wiring]:
        """The sources of the values of both."""
        numbers = {i: n for n, (i, _) in enumerate(self.pairs)}, {j: n for n, (_, j) in enumerate(self.pairs)}
        return Wiring(self.before, numbers[0]), Wiring(self.after, numbers[1])

    @cached_property
    def in_order(self) -> set[int]:
        """The numbers of the pairs that have the same order in both bodies, as many as possible."""
        return set(longest_increasing_subsequence([j for _, j in self.pairs]))


class BodyAlignment:
    """Aligns bodies; `redefined` has the names of the blocks whose definitions differ.

    Calls share bodies, so a block that a hundred layers use is aligned once.
    """

    def __init__(self, redefined: frozenset[str] = frozenset()) -> None:
        self.redefined = redefined
        self.numbering = StepNumbering()
        self._known: dict[tuple[int, int], AlignedBodies] = {}
        self._attributes: dict[tuple[int, int], tuple[str, tuple[AttributeChange, ...]]] = {}

    def align(self, before: Body, after: Body) -> AlignedBodies:
        """Return two bodies aligned."""
        known = self._known.get((id(before), id(after)))  # it holds the bodies, so that their ids are not others'
        if known is None:
            pairs = align(self._keys(before), self._keys(after))
            known = AlignedBodies(before, after, pairs, repeat_changes(before, after, pairs))
            self._known[id(before), id(after)] = known
        return known

    def _keys(self, body: Body) -> list[StepKey]:
        numbering = self.numbering
        return [
            StepKey(step.scope, step.kind, numbering.of_form(step), numbering.of_exact(body, step))
            for step in body.steps
        ]

    def attributes(self, one: Step, other: Step) -> tuple[str, tuple[AttributeChange, ...]]:
        """Return the kind and the attributes of the change of two matching steps, none if they have one structure."""
        if self.numbering.of_form(one) == self.numbering.of_form(other):
            return "", ()
        key = id(one), id(other)
        if key not in self._attributes:
            self._attributes[key] = attribute_changes(one, other)
        return self._attributes[key]

    def inside(self, one: Step, other: Step) -> AlignedBodies | None:
        """Return the bodies of two matching calls whose steps are compared; None if nothing inside is to be reported.

        Other arguments explain what differs inside a block, unless its definition differs as well.
        """
        kind, _ = self.attributes(one, other)
        if not (kind == "tensors" or (kind == "arguments" and one.kind in self.redefined)):
            return None
        if not isinstance(one, Call) or not isinstance(other, Call):
            return None
        if self.numbering.of_body(one.body) == self.numbering.of_body(other.body):
            return None
        return self.align(one.body, other.body)

    def unmatched(self, bodies: AlignedBodies, paths: Pair) -> tuple[list[UnmatchedStep], list[UnmatchedStep]]:
        """Return the steps that are only before, and those only after, also inside the blocks that are compared."""
        before, after = bodies.before, bodies.after
        removed = [
            UnmatchedStep(join(paths[0], before.steps[i].scope), before.steps[i], before) for i in bodies.removed
        ]
        added = [UnmatchedStep(join(paths[1], after.steps[j].scope), after.steps[j], after) for j in bodies.added]
        for i, j in bodies.pairs:
            one, other = before.steps[i], after.steps[j]
            inner = self.inside(one, other)
            if inner is not None:
                inside = self.unmatched(inner, (join(paths[0], one.scope), join(paths[1], other.scope)))
                removed.extend(inside[0])
                added.extend(inside[1])
        return removed, added
