"""Which layers of the Graph a place in the text stands for, with their shapes and what they cost."""

from __future__ import annotations

from msgspec import Struct

from archspec.analysis.cost import Cost, Costs
from archspec.analysis.summary import ShortcutDecision
from archspec.diagnostics import Span
from archspec.ir.graph import Graph, Placed
from archspec.ir.types import ValueType
from archspec.lsp.analysis import Analysis
from archspec.lsp.positions import extent, within


class Use(Struct, frozen=True):
    """One layer of the network that was made from the text at the cursor."""

    path: str
    kind: str
    inputs: tuple[ValueType, ...]
    outputs: tuple[ValueType, ...]
    cost: Cost
    inserted: str


class Uses(Struct, frozen=True):
    """All layers that one piece of text stands for: several under a repeat, or inside a block of one's own."""

    span: Span
    uses: tuple[Use, ...]
    decisions: tuple[ShortcutDecision, ...]


def layers_at(analysis: Analysis, line: int, column: int) -> Uses | None:
    """The layers of the smallest layer around a place; those that the compiler put there only where none is written."""
    graph = analysis.graph
    if graph is None:
        return None
    around: dict[Span, list[Placed]] = {}
    for placed in graph.walk():
        span = placed.step.origin.span
        if analysis.contains(span) and within(span, line, column):
            around.setdefault(span, []).append(placed)
    if not around:
        return None
    span = min(around, key=extent)
    written = [placed for placed in around[span] if not placed.step.origin.inserted] or around[span]
    uses = tuple(_uses(graph, written))
    below = tuple(d for d in analysis.decisions if any(_is_below(d.path, use.path) for use in uses))
    return Uses(span, uses, below)


def _uses(graph: Graph, placed: list[Placed]) -> list[Use]:
    costs = Costs()
    return [
        Use(
            item.path,
            item.step.kind,
            item.body.input_types(item.step),
            item.step.outputs,
            costs.of_step(item.body, item.step),
            item.step.origin.inserted,
        )
        for item in placed
    ]


def _is_below(path: str, of: str) -> bool:
    return path == of or path.startswith(of + ".")
