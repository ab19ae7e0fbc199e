"""Collect the effects of a comparison: equal ones at several paths are one."""

from __future__ import annotations

from itertools import zip_longest

from archspec.analysis.cost import Costs
from archspec.comparison.body_alignment import BodyAlignment
from archspec.comparison.changes import Move
from archspec.comparison.effects import NO_EFFECTS, Effect, ShapeEffect, settings_named
from archspec.comparison.unmatched_steps import UnmatchedStep
from archspec.comparison.written_texts import SpanPair, WrittenTexts

Taint = frozenset[Effect]


class EffectCollector:
    """The effects, moves and renumbered layers that the walks through pairs of bodies find.

    settings: the effects of the settings that differ, by their names. unmatched: those of the steps that only one side
    has, by the side and the path.
    """

    def __init__(
        self,
        alignment: BodyAlignment,
        costs: Costs,
        texts: WrittenTexts,
        settings: dict[str, Effect],
        unmatched: dict[tuple[int, str], Effect],
    ) -> None:
        self.alignment, self.costs, self.texts = alignment, costs, texts
        self._settings, self._unmatched = settings, unmatched
        self._effects: dict[object, Effect] = {}
        self.shapes: list[ShapeEffect] = []
        self.moves: list[Move] = []
        self.renumbered: list[Move] = []

    @property
    def effects(self) -> list[Effect]:
        """The changes, in order; equal ones at several paths are one."""
        return list(self._effects.values())

    def add(self, effect: Effect) -> Effect:
        """Return the effect, or the known one with equal attributes, which then has its paths and evidence too."""
        # A block that many layers use differs at each of them: readers want one line for all.
        # An edit and what follows from another one stay apart, even where they read alike and share a line.
        known = self._effects.setdefault((effect.kind, effect.attributes, effect.is_edit), effect)
        if known is not effect:
            known.paths.extend(effect.paths)
            known.evidence = [a | b for a, b in zip_longest(known.evidence, effect.evidence, fillvalue=NO_EFFECTS)]
        return known

    def unmatched_effects(self, side: int, step: UnmatchedStep) -> Taint:
        """Return the effect of an unmatched step, or those of the steps inside, where these were matched one by one."""
        own = self._unmatched.get((side, step.path))
        if own is not None:
            return frozenset((own,))
        return NO_EFFECTS.union(*(self.unmatched_effects(side, child) for child in step.children()))

    def settings_at(self, spans: SpanPair, key: str = "") -> Taint:
        """Return the settings whose names the texts at two places mention, of layers those under a key."""
        if not self._settings:
            return NO_EFFECTS
        return settings_named(self._settings, self.texts.names_at(spans, key))
