"""Effects: the parts of a difference while it is being computed, each with its cost and with what it follows from.

An effect is an edit, or follows from one: a projection from other channels, an argument from a parameter, a bias from
a norm. Each part of the total cost belongs to one effect, so that the costs of the edits sum to that of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from archspec.analysis.cost import Cost
from archspec.comparison.changes import NO_CAUSE, AttributeChange, Pair
from archspec.comparison.unmatched_steps import UnmatchedStep

NO_EFFECTS: frozenset[Effect] = frozenset()


class Effect(Struct, eq=False):
    """A change, an added or removed layer, or a move.

    `cost` is that of its own steps. `evidence` has the effects that it may follow from, the most specific first;
    `readers` those of the steps that read its output, for what the compiler derives from them.
    """

    kind: str
    attributes: tuple[AttributeChange, ...] = ()
    paths: list[Pair] = field(default_factory=list)
    cost: Cost = field(default_factory=Cost)
    is_edit: bool = True
    evidence: list[frozenset[Effect]] = field(default_factory=list)
    readers: frozenset[Effect] = NO_EFFECTS
    steps: list[UnmatchedStep] = field(default_factory=list)
    cause: Effect | None = None
    total: Cost = field(default_factory=Cost)

    @property
    def root(self) -> Effect:
        """The edit that this one follows from; itself for an edit."""
        effect = self
        while effect.cause is not None:
            effect = effect.cause
        return effect

    @property
    def label(self) -> Pair:
        """The place and the attributes by which others name it as their cause, before and after."""
        before, after = self.paths[0] if self.paths else ("", "")
        names = ", ".join(attribute.name for attribute in self.attributes)
        return ": ".join(filter(None, (before, names))), ": ".join(filter(None, (after, names)))

    @property
    def cause_label(self) -> Pair:
        """The label of the edit that it follows from."""
        return NO_CAUSE if self.cause is None else self.root.label


class ShapeEffect(Struct, eq=False):
    """The cost of matching steps that have other shapes, with the effects that may have changed these.

    owner: the effect of the steps themselves, if they differ in more than shapes.
    """

    paths: Pair
    cost: Cost
    evidence: frozenset[Effect]
    owner: Effect | None = None


def settings_named(settings: Mapping[str, Effect], names: frozenset[str]) -> frozenset[Effect]:
    """Return the effects of the settings with these names."""
    return frozenset(effect for name, effect in settings.items() if name in names)


def find_causes(effects: list[Effect], general: frozenset[Effect]) -> None:
    """Let each effect that is no edit follow from the one edit that explains it, if one does.

    general: the effects that may explain anything: settings, and counts of repeats.
    """
    derived = {effect: _candidates(effect, general) for effect in effects if not effect.is_edit}
    # Effects may lead to one another (the repetitions of a layer are one effect, and each reads the one before): the
    # edits behind them are found by iteration to a fixed point, which is near, as effects are in the network's order.
    edits = {effect: NO_EFFECTS if derived.get(effect) else frozenset((effect,)) for effect in effects}
    is_stable = False
    while not is_stable:
        is_stable = True
        for effect, candidates in derived.items():
            found = edits[effect].union(*(edits[candidate] for candidate in candidates))
            if found != edits[effect]:
                edits[effect], is_stable = found, False
    for effect in derived:
        if len(edits[effect]) == 1:
            (cause,) = edits[effect]
            effect.cause = cause if cause is not effect else None
    # What several edits explain is a line of its own, and may explain others.
    for effect, candidates in derived.items():
        roots = roots_of(candidates) - {effect}
        if len(edits[effect]) > 1 and len(roots) == 1:
            (effect.cause,) = roots


def _candidates(effect: Effect, general: frozenset[Effect]) -> frozenset[Effect]:
    """Return the most specific evidence that there is for an effect."""
    levels = (*effect.evidence, effect.readers, general)
    return next((found for level in levels if (found := level - {effect})), NO_EFFECTS)


def roots_of(effects: Iterable[Effect]) -> frozenset[Effect]:
    """Return the edits that effects follow from."""
    return frozenset(effect.root for effect in effects)


def merge_shapes(found: list[ShapeEffect]) -> list[Effect]:
    """Return one effect of shapes for all steps whose shapes follow from the same edits."""
    merged: dict[frozenset[Effect], Effect] = {}
    for item in found:
        roots = roots_of(item.evidence)
        if item.owner is not None and roots == {item.owner.root}:
            item.owner.cost += item.cost
            continue
        effect = merged.get(roots)
        if effect is None:
            cause = next(iter(roots)) if len(roots) == 1 else None
            effect = merged[roots] = Effect("shapes", is_edit=False, cause=cause)
        effect.paths.append(item.paths)
        effect.cost += item.cost
    return list(merged.values())


def add_up(effects: Iterable[Effect]) -> None:
    """Set the total of each edit: its own cost and those of all that follows from it."""
    for effect in effects:
        effect.root.total += effect.cost
