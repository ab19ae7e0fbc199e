"""Two bodies compared step by step; blocks whose arguments are the same are compared inside."""

from __future__ import annotations

from archspec.analysis.cost import Cost, Costs
from archspec.comparison.alignment import Item, Pairs, align
from archspec.comparison.arguments import said_of
from archspec.comparison.difference import Change, Move, Said
from archspec.comparison.identity import Identities
from archspec.comparison.parts import Findings, Loose, place
from archspec.comparison.repeats import Repeat, repeats
from archspec.comparison.wiring import Wiring, rewired
from archspec.ir.graph import Body, Call, Step


class Comparison:
    """Compares bodies, each two of them once. `redefined` are the blocks whose definitions differ."""

    def __init__(self, costs: Costs, redefined: frozenset[str] = frozenset()) -> None:
        self.costs, self.redefined = costs, redefined
        self.identities = Identities()
        self._known: dict[tuple[int, int], Findings] = {}

    def pairs(self, before: Body, after: Body) -> Pairs:
        """Which step is which."""
        return align(self._items(before), self._items(after))

    def _items(self, body: Body) -> list[Item]:
        identities = self.identities
        return [Item(step.scope, step.kind, identities.form(step), identities.exact(body, step)) for step in body.steps]

    def bodies(self, before: Body, after: Body) -> Findings:
        """What differs, but for what follows from the inputs alone."""
        if self.identities.of_body(before) == self.identities.of_body(after):
            return Findings()
        known = self._known.get((id(before), id(after)))
        if known is None:
            known = self.paired(before, after, self.pairs(before, after))
            self._known[id(before), id(after)] = known
        return known

    def paired(self, before: Body, after: Body, pairs: Pairs) -> Findings:
        """What differs between two bodies, when it is known which step is which."""
        found, absorbed = Findings(), (set[int](), set[int]())
        wiring = _wirings(before, after, pairs)
        counts: dict[int, Repeat] = {}
        for repeat in repeats(before, after, pairs):
            counts[next(i for i, _ in pairs if i in repeat.before)] = repeat
            absorbed[0].update(repeat.before)
            absorbed[1].update(repeat.after)
        for i, j in pairs:
            one, other = before.steps[i], after.steps[j]
            if i in counts:
                found.changes.append(self._repeat(before, after, counts[i], pairs))
            self._steps(found, before, after, one, other)
            if _same_ports(one, other) and rewired(*wiring, one.inputs, other.inputs):
                found.changes.append(_wiring("inputs", wiring, one, other))
        if rewired(*wiring, before.outputs, after.outputs):
            found.changes.append(_outputs(wiring))
        found.removed.extend(_loose(before, absorbed[0] | {i for i, _ in pairs}))
        found.added.extend(_loose(after, absorbed[1] | {j for _, j in pairs}))
        return found

    def _steps(self, found: Findings, before: Body, after: Body, one: Step, other: Step) -> None:
        """What differs between two steps that are each other's counterpart."""
        paths = one.scope, other.scope
        if one.scope != other.scope:
            where = place(one.origin.span), place(other.origin.span)
            found.moved.append(Move(paths, other.kind, where))
        if self.identities.form(one) == self.identities.form(other):
            return
        kind, said = said_of(one, other)
        if said:
            cost = self.costs.of_step(after, other) - self.costs.of_step(before, one)
            found.changes.append(Change(kind, said, (paths,), cost))
        inside = kind == "tensors" or (kind == "arguments" and one.kind in self.redefined)
        if inside and isinstance(one, Call) and isinstance(other, Call):
            found.take(self.bodies(one.body, other.body), *paths)

    def _repeat(self, before: Body, after: Body, repeat: Repeat, pairs: Pairs) -> Change:
        """The change of a count, and what the turns that came or went cost."""
        kept = {i for i, _ in pairs}, {j for _, j in pairs}
        cost = Cost()
        for index in set(repeat.after) - kept[1]:
            cost += self.costs.of_step(after, after.steps[index])
        for index in set(repeat.before) - kept[0]:
            cost -= self.costs.of_step(before, before.steps[index])
        spans = before.steps[repeat.before[0]].origin.span, after.steps[repeat.after[0]].origin.span
        turns = str(repeat.turns[0]), str(repeat.turns[1])
        said = Said("repeat", *turns, (place(spans[0]), place(spans[1])))
        return Change("repeat", (said,), (repeat.paths,), cost)


def _wirings(before: Body, after: Body, pairs: Pairs) -> tuple[Wiring, Wiring]:
    numbers = {i: number for number, (i, _) in enumerate(pairs)}, {j: number for number, (_, j) in enumerate(pairs)}
    return Wiring(before, numbers[0]), Wiring(after, numbers[1])


def _same_ports(one: Step, other: Step) -> bool:
    """Whether the inputs of two steps can be compared: another block may take others."""
    return one.kind == other.kind or len(one.inputs) == len(other.inputs)


def _wiring(name: str, wiring: tuple[Wiring, Wiring], one: Step, other: Step) -> Change:
    texts = _names(wiring[0], one.inputs), _names(wiring[1], other.inputs)
    said = Said(name, *texts, (place(one.origin.span), place(other.origin.span)))
    return Change("wiring", (said,), ((one.scope, other.scope),))


def _outputs(wiring: tuple[Wiring, Wiring]) -> Change:
    before, after = wiring
    texts = _names(before, before.body.outputs), _names(after, after.body.outputs)
    return Change("wiring", (Said("output", *texts, (place(before.body.span), place(after.body.span))),), (("", ""),))


def _names(wiring: Wiring, values: tuple[int | None, ...]) -> str:
    return ", ".join(map(wiring.name, values)) or "nothing"


def _loose(body: Body, taken: set[int]) -> list[Loose]:
    return [Loose(step.scope, step, body) for index, step in enumerate(body.steps) if index not in taken]
