"""Compare two aligned bodies: find the effects, the cost of each, and what each may follow from.

The walk goes through both bodies in order. Of every value it knows the effects that may have made its type another one
(its taint, as in data flow analysis): those of the step that makes it, and those of what this step reads. The cost of a
step that differs in nothing but shapes belongs to the taint of its inputs.
"""

from __future__ import annotations

from functools import cached_property
from itertools import zip_longest

from archspec.analysis.cost import Cost
from archspec.comparison.body_alignment import AlignedBodies
from archspec.comparison.changes import AFTER, BEFORE, AttributeChange, Move, Pair, show_location
from archspec.comparison.effect_collector import EffectCollector, Taint
from archspec.comparison.effects import NO_EFFECTS, Effect, ShapeEffect
from archspec.comparison.other_inputs import depends_on_inputs, with_inputs
from archspec.comparison.repeats import RepeatChange
from archspec.comparison.step_order import is_renumbered, reordered_names
from archspec.comparison.unmatched_steps import UnmatchedStep
from archspec.comparison.wiring import is_rewired
from archspec.comparison.written_texts import SpanPair
from archspec.diagnostics import Span
from archspec.ir.graph import Step, join

Taints = list[Taint]  # of each value of a body


def compare_bodies(
    collector: EffectCollector, bodies: AlignedBodies, paths: Pair, inputs: Taints, outer: Taint = NO_EFFECTS
) -> tuple[Cost, Taints]:
    """Collect the effects within two bodies; return the cost that they account for, and the taints of the outputs.

    outer: the effects of the call around, whose arguments explain what is not written differently inside.
    """
    return _Walk(collector, bodies, paths, inputs, outer).run()


class _Walk:
    """The walk through one pair of bodies."""

    def __init__(
        self, collector: EffectCollector, bodies: AlignedBodies, paths: Pair, inputs: Taints, outer: Taint
    ) -> None:
        self._collector, self._bodies, self._paths, self._outer = collector, bodies, paths, outer
        self._sides = bodies.before, bodies.after
        self._wirings = bodies.wirings
        self._taints: tuple[Taints, Taints] = ([], [])
        for taints, body in zip(self._taints, self._sides, strict=True):
            taints.extend(inputs[: len(body.inputs)])
            taints.extend([NO_EFFECTS] * (len(body.types) - len(taints)))
        self._own: tuple[dict[int, Taint], dict[int, Taint]] = ({}, {})  # the effects of the steps, by their index
        self._total = Cost()

    def run(self) -> tuple[Cost, Taints]:
        """Compare the steps in their order; return the cost that was accounted for, and the taints of the outputs."""
        for repeat in self._bodies.repeats:
            self._add_repeat(repeat)
        in_order = self._bodies.in_order
        paired = {i for i, _ in self._bodies.pairs}, {j for _, j in self._bodies.pairs}
        waiting = [
            [index for index in range(len(body.steps) - 1, -1, -1) if index not in indices]
            for body, indices in zip(self._sides, paired, strict=True)
        ]
        for number, pair in sorted(enumerate(self._bodies.pairs), key=lambda item: item[1][1]):
            for side in (BEFORE, AFTER):
                while waiting[side] and waiting[side][-1] < pair[side]:
                    self._pass_unpaired(side, waiting[side].pop())
            self._compare_pair(*pair, number in in_order)
        for side in (BEFORE, AFTER):
            while waiting[side]:
                self._pass_unpaired(side, waiting[side].pop())
        self._find_readers()
        return self._total, self._outputs()

    def _path(self, side: int, step: Step) -> str:
        return join(self._paths[side], step.scope)

    def _add_repeat(self, repeat: RepeatChange) -> None:
        """Add a repeat with another count: one change, whose other steps are neither added nor removed."""
        steps = self._sides[BEFORE].steps[repeat.before[0]], self._sides[AFTER].steps[repeat.after[0]]
        spans = steps[0].origin.span, steps[1].origin.span
        attribute = AttributeChange("repeat", str(repeat.counts[0]), str(repeat.counts[1]), _where(spans))
        paths = join(self._paths[0], repeat.paths[0]), join(self._paths[1], repeat.paths[1])
        collector = self._collector
        evidence = [self._outer, collector.settings_at(spans, "repeat")]
        is_edit = collector.texts.is_edit(spans, "repeat")
        effect = collector.add(Effect("repeat", (attribute,), [paths], is_edit=is_edit, evidence=evidence))
        for side, indices in ((BEFORE, repeat.before), (AFTER, repeat.after)):
            self._own[side].update(dict.fromkeys(indices, frozenset((effect,))))

    @cached_property
    def _reordering(self) -> Taint:
        """The effect of steps that changed places; none if they all have one order."""
        names = reordered_names(*self._sides, self._bodies.pairs, self._bodies.in_order)
        if names is None:
            return NO_EFFECTS
        first = min(i for n, (i, _) in enumerate(self._bodies.pairs) if n not in self._bodies.in_order)
        i, j = next(pair for pair in self._bodies.pairs if pair[0] == first)
        spans = self._sides[BEFORE].steps[i].origin.span, self._sides[AFTER].steps[j].origin.span
        effect = Effect("order", (AttributeChange("order", *names, _where(spans)),), [self._paths])
        effect.is_edit, effect.evidence = not self._collector.texts.have_same_layers, [self._outer]
        return frozenset((self._collector.add(effect),))

    def _pass_unpaired(self, side: int, index: int) -> None:
        """Account for a step without a counterpart: one that was added or removed, alone or as part of a repeat."""
        body, taints = self._sides[side], self._taints[side]
        step = body.steps[index]
        read = NO_EFFECTS.union(*(taints[v] for v in step.inputs if v is not None))
        cost = self._collector.costs.of_step(body, step)
        cost = cost if side == AFTER else -cost
        effects = self._own[side].get(index)
        if effects is None:
            effects = self._collector.unmatched_effects(side, UnmatchedStep(self._path(side, step), step, body))
            self._own[side][index] = effects
            if step.origin.inserted:  # for what the merge reads besides
                others = (
                    v
                    for r in self._wirings[side].consumers.get(index, ())
                    for v in body.steps[r].inputs
                    if v is not None
                )
                shapes = read.union(*(taints[v] for v in others))
                for effect in effects:
                    effect.evidence = [
                        self._outer | effect.evidence[0],
                        shapes | effect.evidence[1],
                        *effect.evidence[2:],
                    ]
        else:
            for effect in effects:
                effect.cost += cost
        self._total += cost
        keeps = step.outputs[:1] == tuple(body.types[v] for v in step.inputs[:1] if v is not None)
        for number in range(len(step.outputs)):
            taints[body.starts[index] + number] = read if keeps else effects | read

    def _compare_pair(self, i: int, j: int, is_in_order: bool) -> None:
        """Account for two matching steps."""
        collector, (before, after) = self._collector, self._sides
        one, other = before.steps[i], after.steps[j]
        paths = self._path(BEFORE, one), self._path(AFTER, other)
        if one.scope != other.scope:
            move = Move(paths, other.kind, _where((one.origin.span, other.origin.span)))
            renumbered = is_renumbered((one.scope, other.scope)) and (is_in_order or bool(self._reordering))
            (collector.renumbered if renumbered else collector.moves).append(move)
        rewired = self._wiring_of(one, other, paths)
        inputs = self._input_taints(one, other, NO_EFFECTS if rewired is None else frozenset((rewired,)))
        read = NO_EFFECTS.union(*inputs)
        changed = self._change_of(one, other, paths, read)
        own = frozenset(effect for effect in (changed, rewired) if effect is not None)
        for side, index in ((BEFORE, i), (AFTER, j)):
            self._own[side][index] = self._own[side].get(index, NO_EFFECTS) | own
        delta = collector.costs.of_step(after, other) - collector.costs.of_step(before, one)
        inner = collector.alignment.inside(one, other)
        within, made = Cost(), None
        if inner is not None:
            explained = self._outer if changed is None or changed.kind != "arguments" else frozenset((changed,))
            within, made = compare_bodies(collector, inner, paths, inputs, explained)
        self._total += delta
        rest = delta - within
        owner = changed or rewired
        if owner is not None and read <= own:
            owner.cost += rest
        elif rest != Cost():
            self._share_out((i, j), rest, ShapeEffect(paths, rest, read | own, owner))
        self._taint_outputs((i, j), own, read, made)

    def _share_out(self, pair: tuple[int, int], cost: Cost, found: ShapeEffect) -> None:
        """Account for the cost of two matching steps that read other shapes, and may differ themselves."""
        one, other = (body.steps[index] for body, index in zip(self._sides, pair, strict=True))
        if found.owner is not None:
            # What an op costs on the shapes before is the part of its own change; of a block this cannot be known.
            moved = with_inputs(self._sides[BEFORE].input_types(one), other)
            if moved is not None:
                own = self._collector.costs.of_step(*moved) - self._collector.costs.of_step(self._sides[BEFORE], one)
                found.owner.cost += own
                found = ShapeEffect(found.paths, cost - own, found.evidence - {found.owner} or found.evidence)
        self._collector.shapes.append(found)

    def _taint_outputs(self, pair: tuple[int, int], own: Taint, read: Taint, made: Taints | None) -> None:
        """Set the taints of what two matching steps make, by the taints that a comparison inside them found."""
        one, other = (body.steps[index] for body, index in zip(self._sides, pair, strict=True))
        if own and made is None and not depends_on_inputs(self._sides[BEFORE].input_types(one), other):
            read = NO_EFFECTS
        for number in range(max(len(one.outputs), len(other.outputs))):
            if one.outputs[number : number + 1] == other.outputs[number : number + 1]:
                continue
            taint = own | (read if made is None or number >= len(made) else made[number])
            for side, step in ((BEFORE, one), (AFTER, other)):
                if number < len(step.outputs):
                    self._taints[side][self._sides[side].starts[pair[side]] + number] = taint

    def _input_taints(self, one: Step, other: Step, wiring: Taint) -> Taints:
        """Return the taint of each port whose types differ, with the effect of reading another value."""
        found = []
        for values in zip_longest(one.inputs, other.inputs):
            types = [None if v is None else body.types[v] for v, body in zip(values, self._sides, strict=True)]
            taints = [taint[v] for v, taint in zip(values, self._taints, strict=True) if v is not None]
            found.append(NO_EFFECTS if types[0] == types[1] else wiring.union(*taints))
        return found

    def _change_of(self, one: Step, other: Step, paths: Pair, read: Taint) -> Effect | None:
        """Return the effect of attributes that differ; None if none do."""
        collector = self._collector
        kind, attributes = collector.alignment.attributes(one, other)
        if not attributes:
            return None
        written: Taint = NO_EFFECTS
        is_edit = False
        for attribute in attributes:
            spans = _spans(one, other, attribute.name)
            key = "block" if kind == "block" else ""  # of the layer, what it calls
            if spans is not None:
                is_edit = is_edit or collector.texts.is_edit(spans, key)
                written |= collector.settings_at(spans, key)
        # Other shapes change what is computed from them (`channels: in_channels`), but never which op it is.
        evidence = [self._outer, written, read if kind == "arguments" else NO_EFFECTS]
        return collector.add(Effect(kind, attributes, [paths], is_edit=is_edit, evidence=evidence))

    def _wiring_of(self, one: Step, other: Step, paths: Pair) -> Effect | None:
        """Return the effect of a step that reads other values; None if it does not."""
        # Another block may have other ports.
        has_same_ports = one.kind == other.kind or len(one.inputs) == len(other.inputs)
        if not has_same_ports or not is_rewired(*self._wirings, one.inputs, other.inputs):
            return None
        name = f"{other.kind} inputs" if other.scope.rpartition(".")[2].isdigit() else "inputs"
        texts = self._wirings[0].names(one.inputs), self._wirings[1].names(other.inputs)
        spans = one.origin.span, other.origin.span
        is_edit = self._collector.texts.is_edit(spans, "from")
        attribute = AttributeChange(name, *texts, _where(spans))
        evidence = [self._outer, self._reordering, self._collector.settings_at(spans, "from")]
        return self._collector.add(Effect("wiring", (attribute,), [paths], is_edit=is_edit, evidence=evidence))

    def _outputs(self) -> Taints:
        """Return the taints of the bodies' outputs; add the effect of outputs that other steps make."""
        before, after = self._sides
        effects = NO_EFFECTS
        if is_rewired(*self._wirings, before.outputs, after.outputs):
            texts = self._wirings[0].names(before.outputs), self._wirings[1].names(after.outputs)
            where = show_location(before.span), show_location(after.span)
            evidence = [self._outer, self._reordering]
            is_edit = not self._reordering and not self._collector.texts.have_same_layers
            change = Effect("wiring", (AttributeChange("output", *texts, where),), [self._paths], is_edit=is_edit)
            change.evidence = evidence
            effects = frozenset((self._collector.add(change),))
        found = []
        for values in zip_longest(before.outputs, after.outputs):
            types = [None if v is None else body.types[v] for v, body in zip(values, self._sides, strict=True)]
            taints = [taint[v] for v, taint in zip(values, self._taints, strict=True) if v is not None]
            found.append(NO_EFFECTS if types[0] == types[1] else effects.union(*taints))
        return found

    def _find_readers(self) -> None:
        """Note for what is not written anywhere the effects of the steps that read it: `bias: auto` goes by these."""
        for side in (BEFORE, AFTER):
            for index, effects in self._own[side].items():
                for effect in effects:
                    if effect.kind == "arguments" and not effect.is_edit:
                        readers = (
                            self._own[side].get(r, NO_EFFECTS) for r in self._wirings[side].consumers.get(index, ())
                        )
                        effect.readers = effect.readers.union(*readers) - {effect}


def _where(spans: tuple[Span, Span]) -> Pair:
    return show_location(spans[0]), show_location(spans[1])


def _spans(one: Step, other: Step, name: str) -> SpanPair | None:
    """Return where an attribute of two steps is written; None for one that the compiler derives."""
    if name in ("block", "share", "keys", "init"):
        return one.origin.span, other.origin.span
    places = dict(one.origin.arguments), dict(other.origin.arguments)
    if name not in places[0] and name not in places[1]:
        return None
    return places[0].get(name, one.origin.span), places[1].get(name, other.origin.span)
