"""The result of `archspec.diff`."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from archspec.analysis.cost import Cost
from archspec.comparison.changes import (
    FIGURES,
    NO_CAUSE,
    Change,
    ComparedNetwork,
    Move,
    OneSidedStep,
    Pair,
    StageChange,
)
from archspec.comparison.render_text import name_consequences, render_changes, render_moves, render_steps


class Difference(Struct, frozen=True):
    """The differences of the network `after` from the network `before`; true if there are any."""

    before: ComparedNetwork
    after: ComparedNetwork
    changes: tuple[Change, ...] = ()
    added: tuple[OneSidedStep, ...] = ()
    removed: tuple[OneSidedStep, ...] = ()
    moved: tuple[Move, ...] = ()
    renumbered: tuple[Move, ...] = ()  # layers without a name, whose position an insertion or removal shifted
    stages: tuple[StageChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.added or self.removed or self.moved or self.renumbered)

    @property
    def prices(self) -> tuple[Cost, ...]:
        """What each edit adds, with all that follows from it; they sum to `cost`."""
        changes = [change.cost for change in self.changes if change.cause == NO_CAUSE]
        steps = [step.delta for step in (*self.added, *self.removed) if step.cause == NO_CAUSE]
        return (*changes, *steps, *(move.cost for move in self.moved))

    @property
    def cost(self) -> Cost:
        """The cost after less the cost before."""
        return self.after.cost - self.before.cost

    @property
    def inverse(self) -> Difference:
        """The difference from `after` to `before`."""
        return Difference(
            before=self.after,
            after=self.before,
            changes=tuple(item.inverse for item in self.changes),
            added=tuple(item.inverse for item in self.removed),
            removed=tuple(item.inverse for item in self.added),
            renumbered=tuple(item.inverse for item in self.renumbered),
            moved=tuple(item.inverse for item in self.moved),
            stages=tuple(item.inverse for item in self.stages),
        )

    def describe(self) -> dict[str, list[Pair]]:
        """Return the edits in words: by changed, added, removed and moved, pairs of sentence and location.

        What follows from an edit is named with it.
        """
        follows = name_consequences(self.changes, self.added, self.removed)
        return {
            "changed": render_changes(self.changes, follows),
            "added": render_steps(self.added, follows),
            "removed": render_steps(self.removed, follows),
            "moved": render_moves(self.moved, follows),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "before": {"name": self.before.name, "variant": self.before.variant, "file": self.before.file},
            "after": {"name": self.after.name, "variant": self.after.variant, "file": self.after.file},
            "changes": [item.to_dict() for item in self.changes],
            "added": [item.to_dict() for item in self.added],
            "removed": [item.to_dict() for item in self.removed],
            "moved": [item.to_dict() for item in self.moved],
            "renumbered": [{"from": item.paths[0], "to": item.paths[1]} for item in self.renumbered],
            "stages": [item.to_dict() for item in self.stages],
            "totals": {
                name: {
                    "before": getattr(self.before.cost, name),
                    "after": getattr(self.after.cost, name),
                    "delta": getattr(self.cost, name),
                }
                for name in FIGURES
            }
            | {"receptive_field": {"before": self.before.field, "after": self.after.field}},
        }
