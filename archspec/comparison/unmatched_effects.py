"""The effects of steps without a counterpart: layers that were added, removed, or moved to another place."""

from __future__ import annotations

from archspec.analysis.cost import Costs
from archspec.comparison.changes import AFTER, BEFORE, NO_CAUSE, Move, OneSidedStep, show_location
from archspec.comparison.effects import Effect, settings_named
from archspec.comparison.moves import StepPair
from archspec.comparison.unmatched_steps import UnmatchedStep
from archspec.comparison.written_texts import WrittenTexts
from archspec.diagnostics import Span

EXISTENCE = ("when", "repeat", "")
"""The keys by which a layer is there or not; then all of its text."""


class UnmatchedEffects:
    """One effect for each layer of the text that has unmatched steps, however often it is used; one for each move.

    `by_path` has them by the side and the path of the step.
    """

    def __init__(
        self,
        costs: Costs,
        texts: WrittenTexts,
        settings: dict[str, Effect],
        moves: list[StepPair],
        removed: list[UnmatchedStep],
        added: list[UnmatchedStep],
    ) -> None:
        self._costs, self._texts, self._settings = costs, texts, settings
        self.by_path: dict[tuple[int, str], Effect] = {}
        self._layers: dict[object, Effect] = {}
        self._moves = [self._add_move(*pair) for pair in moves]
        for step in removed:
            self._add(BEFORE, step)
        for step in added:
            self._add(AFTER, step)

    @property
    def effects(self) -> list[Effect]:
        """All effects, moves first."""
        return [*self._moves, *self._layers.values()]

    def _add_move(self, one: UnmatchedStep, other: UnmatchedStep) -> Effect:
        cost = self._costs.of_step(other.body, other.step) - self._costs.of_step(one.body, one.step)
        effect = Effect("moved", (), [(one.path, other.path)], cost, steps=[one, other])
        self.by_path[BEFORE, one.path] = self.by_path[AFTER, other.path] = effect
        return effect

    def _add(self, side: int, unmatched: UnmatchedStep) -> None:
        origin = unmatched.step.origin
        cost = self._costs.of_step(unmatched.body, unmatched.step)
        key = side, origin.span, unmatched.step.kind, origin.inserted
        effect = self._layers.get(key)
        if effect is None:
            # What the compiler inserted follows from what it reads, and from what its readers read besides.
            is_edit = not (origin.inserted or self._texts.have_same_layers)
            effect = self._layers[key] = Effect("added" if side == AFTER else "removed", is_edit=is_edit)
            settings = [self._settings_at(side, origin.span, key) for key in EXISTENCE]
            effect.evidence = [frozenset(), frozenset(), *settings]
        effect.paths.append(("", unmatched.path) if side == AFTER else (unmatched.path, ""))
        effect.cost += cost if side == AFTER else -cost
        effect.steps.append(unmatched)
        self.by_path[side, unmatched.path] = effect

    def _settings_at(self, side: int, span: Span, key: str) -> frozenset[Effect]:
        """Return the settings that the text of a layer mentions, under one of its keys."""
        # On the other side another layer may stand at the same place.
        text = self._texts.after if side == AFTER else self._texts.before
        return settings_named(self._settings, text.names_at(span, key))

    def steps(self, kind: str) -> tuple[OneSidedStep, ...]:
        """Return the steps that were added or removed."""
        return tuple(
            self._report(effect, number, step)
            for effect in self._layers.values()
            if effect.kind == kind
            for number, step in enumerate(effect.steps)
        )

    def _report(self, effect: Effect, number: int, unmatched: UnmatchedStep) -> OneSidedStep:
        step, origin = unmatched.step, unmatched.step.origin
        cost = self._costs.of_step(unmatched.body, step)
        delta = cost if effect.kind == "added" else -cost
        # What follows from an edit counts once, at the first of its steps.
        if number == 0 and effect.cause is None:
            delta += effect.total - effect.cost
        output = step.outputs[0].shape if step.outputs else ()
        label = effect.label if effect.cause is None else NO_CAUSE
        where = show_location(origin.span)
        return OneSidedStep(
            unmatched.path, step.kind, output, where, origin.inserted, cost, delta, label, effect.cause_label
        )

    def moves(self) -> tuple[Move, ...]:
        """Return the steps that moved."""
        found = []
        for effect in self._moves:
            one, other = effect.steps
            where = show_location(one.step.origin.span), show_location(other.step.origin.span)
            found.append(Move(effect.paths[0], other.step.kind, where, effect.total, effect.label))
        return tuple(found)
