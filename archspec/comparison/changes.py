"""The parts of a Difference, as data: changes, steps that were added, removed or moved, and figures for each stage."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.cost import Cost
from archspec.analysis.summary import OutputShape
from archspec.diagnostics import Span

Pair = tuple[str, str]
NO_CAUSE: Pair = ("", "")
BEFORE, AFTER = 0, 1  # the places in a Pair
FIGURES = ("params", "buffers", "macs", "elementwise_flops", "output_bytes")


class AttributeChange(Struct, frozen=True):
    """An argument, a setting or another attribute whose text differs; `where` has the two locations as file:line."""

    name: str
    before: str
    after: str
    where: Pair

    @property
    def inverse(self) -> AttributeChange:
        return AttributeChange(self.name, self.after, self.before, self.where[::-1])

    def __str__(self) -> str:
        return f"{self.name} {self.before} → {self.after}"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        where = {"before": self.where[0], "after": self.where[1]}
        return {"name": self.name, "before": self.before, "after": self.after, "where": where}


class Change(Struct, frozen=True):
    """The attributes that differ at one step, or in the same way at several: `paths` are those before and after.

    `kind` is setting, input, repeat, arguments, block (another op or block in the same place), tensors, wiring, order,
    or shapes: those of layers that are otherwise the same, without attributes. `cost` is what the change adds; of an
    edit with all that follows from it, so that the costs of the edits sum to the difference of the totals. `cause` is
    the label of the edit that the change follows from, before and after; NO_CAUSE for an edit.
    """

    kind: str
    attributes: tuple[AttributeChange, ...]
    paths: tuple[Pair, ...] = ()
    cost: Cost = Cost()
    label: Pair = NO_CAUSE
    cause: Pair = NO_CAUSE

    @property
    def inverse(self) -> Change:
        paths = tuple((after, before) for before, after in self.paths)
        attributes = tuple(item.inverse for item in self.attributes)
        return Change(self.kind, attributes, paths, -self.cost, self.label[::-1], self.cause[::-1])

    @property
    def where(self) -> Pair:
        """The location of the first attribute, before and after; empty texts if there is none."""
        return self.attributes[0].where if self.attributes else ("", "")

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; `paths` are those afterwards."""
        return {
            "kind": self.kind,
            "attributes": [item.to_dict() for item in self.attributes],
            "paths": [after for _, after in self.paths],
            "paths_before": [before for before, _ in self.paths],
            "delta": cost_figures(self.cost),
            "label": _either(self.label),
            "cause": _either(self.cause) or None,
        }


class OneSidedStep(Struct, frozen=True):
    """An op or a block that only one of the networks has.

    `cost` is its own. `delta` is what the edit adds: that cost, negative if the step was removed, and what follows from
    the edit. `label` and `cause` are as those of a Change.
    """

    path: str
    kind: str
    output: OutputShape
    where: str
    reason: str  # why the compiler inserted it; empty for a step from the text
    cost: Cost
    delta: Cost = Cost()
    label: Pair = NO_CAUSE
    cause: Pair = NO_CAUSE

    @property
    def inverse(self) -> OneSidedStep:
        return replace(self, delta=-self.delta, label=self.label[::-1], cause=self.cause[::-1])

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "kind": self.kind,
            "output": list(self.output),
            "where": self.where,
            "reason": self.reason,
            **cost_figures(self.cost),
            "delta": cost_figures(self.delta),
            "cause": _either(self.cause) or None,
        }


class Move(Struct, frozen=True):
    """The same op or block under another path; `cost` is what follows from that. `label` is as that of a Change."""

    paths: Pair
    kind: str
    where: Pair
    cost: Cost = Cost()
    label: Pair = NO_CAUSE

    @property
    def inverse(self) -> Move:
        return Move(self.paths[::-1], self.kind, self.where[::-1], -self.cost, self.label[::-1])

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "from": self.paths[0],
            "to": self.paths[1],
            "kind": self.kind,
            "where": {"before": self.where[0], "after": self.where[1]},
            "delta": cost_figures(self.cost),
        }


class Stage(Struct, frozen=True):
    """A row of one network's table; `field` is the receptive field of its output in the first input, as text."""

    name: str
    kind: str
    output: OutputShape
    cost: Cost
    field: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "kind": self.kind,
            "output": list(self.output),
            "receptive_field": self.field,
            **cost_figures(self.cost),
        }


class StageChange(Struct, frozen=True):
    """A stage of both networks, or of one: then the other side is None."""

    before: Stage | None
    after: Stage | None

    @property
    def inverse(self) -> StageChange:
        return StageChange(self.after, self.before)

    @property
    def cost(self) -> Cost:
        """The cost after less the cost before."""
        before, after = self.before, self.after
        return (after.cost if after else Cost()) - (before.cost if before else Cost())

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "before": self.before.to_dict() if self.before else None,
            "after": self.after.to_dict() if self.after else None,
            "delta": cost_figures(self.cost),
        }


class ComparedNetwork(Struct, frozen=True):
    """One of the two networks: its name, variant and file, its cost, and the receptive field of its first output."""

    name: str
    variant: str
    file: str
    cost: Cost
    field: str

    @property
    def title(self) -> str:
        """The name in headings, such as `resnet:resnet50`."""
        return self.name + (f":{self.variant}" if self.variant else "")


def cost_figures(cost: Cost) -> dict[str, int]:
    """Return the figures of a cost that a difference shows, by name."""
    return {name: getattr(cost, name) for name in FIGURES}


def _either(pair: Pair) -> str:
    """Return the text afterwards, or that before where there is none: of what was removed."""
    return pair[1] or pair[0]


def show_location(span: Span | None) -> str:
    """Return file:line, or "" for a step without a place in a text."""
    return "" if span is None else f"{span.file}:{span.line}"
