"""The result of `archspec.diff`."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from archspec.analysis.cost import Cost
from archspec.comparison.changes import FIGURES, Change, ComparedNetwork, Move, OneSidedStep, Pair, StageChange
from archspec.comparison.render_text import render_changes, render_moves, render_steps


class Difference(Struct, frozen=True):
    """The differences of the network `after` from the network `before`; true if there are any."""

    before: ComparedNetwork
    after: ComparedNetwork
    changes: tuple[Change, ...] = ()
    added: tuple[OneSidedStep, ...] = ()
    removed: tuple[OneSidedStep, ...] = ()
    moved: tuple[Move, ...] = ()
    stages: tuple[StageChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.added or self.removed or self.moved)

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
            added=self.removed,
            removed=self.added,
            moved=tuple(item.inverse for item in self.moved),
            stages=tuple(item.inverse for item in self.stages),
        )

    def describe(self) -> dict[str, list[Pair]]:
        """Return the differences in words: by changed, added, removed and moved, pairs of sentence and location."""
        return {
            "changed": render_changes(self.changes),
            "added": render_steps(self.added),
            "removed": render_steps(self.removed),
            "moved": render_moves(self.moved),
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
