"""What a comparison of two bodies hands on: changes, pairs that moved, and steps that one side alone has."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.analysis.cost import Costs
from archspec.comparison.difference import Change, Move, Part
from archspec.diagnostics import Span
from archspec.ir.graph import Body, Call, Step, join


class Loose(Struct, frozen=True, eq=False):
    """A step without a counterpart, with its path."""

    path: str
    step: Step
    body: Body

    def children(self) -> tuple[Loose, ...]:
        """The steps of a call; none of an op."""
        if not isinstance(self.step, Call):
            return ()
        inner = self.step.body
        return tuple(Loose(join(self.path, step.scope), step, inner) for step in inner.steps)

    def part(self, costs: Costs) -> Part:
        """The step as a difference shows it."""
        output = self.step.outputs[0].shape if self.step.outputs else ()
        origin = self.step.origin
        cost = costs.of_step(self.body, self.step)
        return Part(self.path, self.step.kind, output, place(origin.span), origin.inserted, cost)


class Findings(Struct):
    """What differs between two bodies; paths are relative to where they are called."""

    changes: list[Change] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    removed: list[Loose] = field(default_factory=list)
    added: list[Loose] = field(default_factory=list)

    def take(self, inner: Findings, before: str, after: str) -> None:
        """Add those of a block that is called at these paths."""
        for change in inner.changes:
            paths = tuple((join(before, a), join(after, b)) for a, b in change.paths)
            self.changes.append(replace(change, paths=paths))
        for move in inner.moved:
            self.moved.append(replace(move, paths=(join(before, move.paths[0]), join(after, move.paths[1]))))
        self.removed.extend(replace(loose, path=join(before, loose.path)) for loose in inner.removed)
        self.added.extend(replace(loose, path=join(after, loose.path)) for loose in inner.added)


def place(span: Span | None) -> str:
    """file:line, or nothing for what is written nowhere."""
    return "" if span is None else f"{span.file}:{span.line}"
