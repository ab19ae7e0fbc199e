"""Compare two bodies step by step, and inside the blocks whose arguments are the same."""

from __future__ import annotations

from archspec.analysis.cost import Cost, Costs
from archspec.comparison.alignment import IndexPairs, StepKey, align
from archspec.comparison.attribute_changes import attribute_changes
from archspec.comparison.body_difference import BodyDifference, UnmatchedStep
from archspec.comparison.changes import AttributeChange, Change, Move, show_location
from archspec.comparison.repeats import RepeatChange, repeat_changes
from archspec.comparison.step_numbering import StepNumbering
from archspec.comparison.wiring import Wiring, is_rewired
from archspec.ir.graph import Body, Call, Step


class BodyComparison:
    """Compares bodies, each pair once; `redefined` has the names of the blocks whose definitions differ.

    Calls share bodies, so a block that a hundred layers use costs one comparison, whose result is included at each.
    """

    def __init__(self, costs: Costs, redefined: frozenset[str] = frozenset()) -> None:
        self.costs, self.redefined = costs, redefined
        self.numbering = StepNumbering()
        self._known: dict[tuple[int, int], BodyDifference] = {}

    def align(self, before: Body, after: Body) -> IndexPairs:
        """Return the indices of the steps that match."""
        return align(self._keys(before), self._keys(after))

    def _keys(self, body: Body) -> list[StepKey]:
        numbering = self.numbering
        return [
            StepKey(step.scope, step.kind, numbering.of_form(step), numbering.of_exact(body, step))
            for step in body.steps
        ]

    def compare(self, before: Body, after: Body) -> BodyDifference:
        """Return the differences of two bodies, except those that follow from other shapes of the inputs."""
        if self.numbering.of_body(before) == self.numbering.of_body(after):
            return BodyDifference()
        known = self._known.get((id(before), id(after)))
        if known is None:
            known = self.compare_aligned(before, after, self.align(before, after))
            self._known[id(before), id(after)] = known
        return known

    def compare_aligned(self, before: Body, after: Body, pairs: IndexPairs) -> BodyDifference:
        """Return the differences of two bodies whose matching steps are known."""
        found, absorbed = BodyDifference(), (set[int](), set[int]())
        wiring = _wirings(before, after, pairs)
        # A repeat with another count is one change, reported at the first of its steps that match; its other steps are
        # neither added nor removed.
        counts: dict[int, RepeatChange] = {}
        for repeat in repeat_changes(before, after, pairs):
            counts[next(i for i, _ in pairs if i in repeat.before)] = repeat
            absorbed[0].update(repeat.before)
            absorbed[1].update(repeat.after)
        for i, j in pairs:
            one, other = before.steps[i], after.steps[j]
            if i in counts:
                found.changes.append(self._repeat_change(before, after, counts[i], pairs))
            self._compare_steps(found, before, after, one, other)
            # Matching steps that read other values have been rewired.
            if _has_same_ports(one, other) and is_rewired(*wiring, one.inputs, other.inputs):
                found.changes.append(_wiring_change("inputs", wiring, one, other))
        if is_rewired(*wiring, before.outputs, after.outputs):
            found.changes.append(_output_change(wiring))
        found.removed.extend(_unmatched(before, absorbed[0] | {i for i, _ in pairs}))
        found.added.extend(_unmatched(after, absorbed[1] | {j for _, j in pairs}))
        return found

    def _compare_steps(self, found: BodyDifference, before: Body, after: Body, one: Step, other: Step) -> None:
        """Add the differences of two matching steps to `found`."""
        paths = one.scope, other.scope
        if one.scope != other.scope:
            where = show_location(one.origin.span), show_location(other.origin.span)
            found.moved.append(Move(paths, other.kind, where))
        # Shapes that differ follow from a change before this step, which is reported there.
        if self.numbering.of_form(one) == self.numbering.of_form(other):
            return
        kind, attributes = attribute_changes(one, other)
        if attributes:
            cost = self.costs.of_step(after, other) - self.costs.of_step(before, one)
            found.changes.append(Change(kind, attributes, (paths,), cost))
        # Other arguments explain what differs inside a block, unless its definition differs as well.
        inside = kind == "tensors" or (kind == "arguments" and one.kind in self.redefined)
        if inside and isinstance(one, Call) and isinstance(other, Call):
            found.include(self.compare(one.body, other.body), *paths)

    def _repeat_change(self, before: Body, after: Body, repeat: RepeatChange, pairs: IndexPairs) -> Change:
        """Return the change of a repeat's count, with the cost of the repetitions that were added or removed."""
        kept = {i for i, _ in pairs}, {j for _, j in pairs}
        cost = Cost()
        for index in set(repeat.after) - kept[1]:
            cost += self.costs.of_step(after, after.steps[index])
        for index in set(repeat.before) - kept[0]:
            cost -= self.costs.of_step(before, before.steps[index])
        spans = before.steps[repeat.before[0]].origin.span, after.steps[repeat.after[0]].origin.span
        counts = str(repeat.counts[0]), str(repeat.counts[1])
        attribute = AttributeChange("repeat", *counts, (show_location(spans[0]), show_location(spans[1])))
        return Change("repeat", (attribute,), (repeat.paths,), cost)


def _wirings(before: Body, after: Body, pairs: IndexPairs) -> tuple[Wiring, Wiring]:
    numbers = {i: number for number, (i, _) in enumerate(pairs)}, {j: number for number, (_, j) in enumerate(pairs)}
    return Wiring(before, numbers[0]), Wiring(after, numbers[1])


def _has_same_ports(one: Step, other: Step) -> bool:
    """Return whether the inputs of two steps can be compared port by port; another block may have other ports."""
    return one.kind == other.kind or len(one.inputs) == len(other.inputs)


def _wiring_change(name: str, wiring: tuple[Wiring, Wiring], one: Step, other: Step) -> Change:
    texts = _show_values(wiring[0], one.inputs), _show_values(wiring[1], other.inputs)
    where = show_location(one.origin.span), show_location(other.origin.span)
    return Change("wiring", (AttributeChange(name, *texts, where),), ((one.scope, other.scope),))


def _output_change(wiring: tuple[Wiring, Wiring]) -> Change:
    before, after = wiring
    texts = _show_values(before, before.body.outputs), _show_values(after, after.body.outputs)
    where = show_location(before.body.span), show_location(after.body.span)
    return Change("wiring", (AttributeChange("output", *texts, where),), (("", ""),))


def _show_values(wiring: Wiring, values: tuple[int | None, ...]) -> str:
    return ", ".join(map(wiring.name, values)) or "nothing"


def _unmatched(body: Body, matched: set[int]) -> list[UnmatchedStep]:
    return [UnmatchedStep(step.scope, step, body) for index, step in enumerate(body.steps) if index not in matched]
