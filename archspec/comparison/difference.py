"""What differs between two networks, as data: changes, parts that came, went and moved, and figures for each stage."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from archspec.analysis.cost import Cost
from archspec.analysis.summary import Shape

Pair = tuple[str, str]
FIGURES = ("params", "buffers", "macs", "elementwise_flops", "output_bytes")


class Said(Struct, frozen=True):
    """An argument, a setting or whatever else was said: `before` there, `after` here, and where each is written."""

    name: str
    before: str
    after: str
    where: Pair

    @property
    def inverse(self) -> Said:
        return Said(self.name, self.after, self.before, self.where[::-1])

    def __str__(self) -> str:
        return f"{self.name} {self.before} → {self.after}"

    def to_dict(self) -> dict[str, Any]:
        """What was said as JSON holds it."""
        where = {"before": self.where[0], "after": self.where[1]}
        return {"name": self.name, "before": self.before, "after": self.after, "where": where}


class Change(Struct, frozen=True):
    """What is said differently of one part, or in the same way of several: their paths before and after.

    `kind` is setting, input, repeat, arguments, block (what stands there), tensors or wiring. `cost` is what it adds;
    None where that cannot be told from what else has changed.
    """

    kind: str
    said: tuple[Said, ...]
    paths: tuple[Pair, ...] = ()
    cost: Cost | None = None

    @property
    def inverse(self) -> Change:
        paths = tuple((after, before) for before, after in self.paths)
        cost = None if self.cost is None else -self.cost
        return Change(self.kind, tuple(item.inverse for item in self.said), paths, cost)

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON holds it; `paths` are those afterwards."""
        return {
            "kind": self.kind,
            "said": [item.to_dict() for item in self.said],
            "paths": [after for _, after in self.paths],
            "paths_before": [before for before, _ in self.paths],
            "delta": None if self.cost is None else figures(self.cost),
        }


class Part(Struct, frozen=True):
    """An op or a block that one side alone has."""

    path: str
    kind: str
    output: Shape
    where: str
    reason: str  # why the compiler put it there; empty where it was written
    cost: Cost

    def to_dict(self) -> dict[str, Any]:
        """The part as JSON holds it."""
        return {
            "path": self.path,
            "kind": self.kind,
            "output": list(self.output),
            "where": self.where,
            "reason": self.reason,
            **figures(self.cost),
        }


class Move(Struct, frozen=True):
    """The same op or block under another path."""

    paths: Pair
    kind: str
    where: Pair

    @property
    def inverse(self) -> Move:
        return Move(self.paths[::-1], self.kind, self.where[::-1])

    def to_dict(self) -> dict[str, Any]:
        """The move as JSON holds it."""
        return {
            "from": self.paths[0],
            "to": self.paths[1],
            "kind": self.kind,
            "where": {"before": self.where[0], "after": self.where[1]},
        }


class Stage(Struct, frozen=True):
    """A row of one side's table; `field` is what one position of its output sees of the first input."""

    name: str
    kind: str
    output: Shape
    cost: Cost
    field: str

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON holds it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "output": list(self.output),
            "receptive_field": self.field,
            **figures(self.cost),
        }


class StageChange(Struct, frozen=True):
    """A stage on both sides, or on one."""

    before: Stage | None
    after: Stage | None

    @property
    def inverse(self) -> StageChange:
        return StageChange(self.after, self.before)

    @property
    def cost(self) -> Cost:
        """What it costs more than before."""
        before, after = self.before, self.after
        return (after.cost if after else Cost()) - (before.cost if before else Cost())

    def to_dict(self) -> dict[str, Any]:
        """The stage as JSON holds it."""
        return {
            "before": self.before.to_dict() if self.before else None,
            "after": self.after.to_dict() if self.after else None,
            "delta": figures(self.cost),
        }


class Side(Struct, frozen=True):
    """One of the two networks: its name and variant, what it costs, and what an output sees of the first input."""

    name: str
    variant: str
    file: str
    cost: Cost
    field: str

    @property
    def title(self) -> str:
        """How the network is called in headings."""
        return self.name + (f":{self.variant}" if self.variant else "")


class Difference(Struct, frozen=True):
    """How the network `after` differs from the network `before`; true if it does."""

    before: Side
    after: Side
    changes: tuple[Change, ...] = ()
    added: tuple[Part, ...] = ()
    removed: tuple[Part, ...] = ()
    moved: tuple[Move, ...] = ()
    stages: tuple[StageChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.added or self.removed or self.moved)

    @property
    def cost(self) -> Cost:
        """What the network costs more than before."""
        return self.after.cost - self.before.cost

    @property
    def inverse(self) -> Difference:
        """The difference the other way round."""
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
        """What was changed, added, removed and moved, in sentences for people, each with its place."""
        from archspec.comparison.render_text import described

        return described(self)

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON holds it."""
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


def figures(cost: Cost) -> dict[str, int]:
    """A cost by the names of its figures."""
    return {name: getattr(cost, name) for name in FIGURES}
