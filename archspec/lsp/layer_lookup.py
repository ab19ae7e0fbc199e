"""The layers of the Graph that a place in the text became, with their shapes and costs."""

from __future__ import annotations

from msgspec import Struct

from archspec.analysis.cost import Cost, Costs
from archspec.analysis.summary import ShortcutDecision
from archspec.diagnostics import Span
from archspec.ir.graph import Graph, Placed
from archspec.ir.types import ValueType
from archspec.lsp.analysis import Analysis
from archspec.lsp.positions import extent, within


class LayerUse(Struct, frozen=True):
    """One layer of the network that comes from the text at the cursor."""

    path: str
    kind: str
    inputs: tuple[ValueType, ...]
    outputs: tuple[ValueType, ...]
    cost: Cost
    inserted: str


class LayerUses(Struct, frozen=True):
    """All layers that come from one span of text: several under a repeat, or inside a block."""

    span: Span
    uses: tuple[LayerUse, ...]
    decisions: tuple[ShortcutDecision, ...]


def find_layers(analysis: Analysis, line: int, column: int) -> LayerUses | None:
    """Return the layers of the smallest span around a place.

    Layers that the compiler inserted are left out where one is written.
    """
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
    # Layers nest: the smallest span around the cursor is the innermost one.
    span = min(around, key=extent)
    written = [placed for placed in around[span] if not placed.step.origin.inserted] or around[span]
    uses = tuple(_uses(graph, written))
    below = tuple(d for d in analysis.decisions if any(_is_below(d.path, use.path) for use in uses))
    return LayerUses(span, uses, below)


def _uses(graph: Graph, placed: list[Placed]) -> list[LayerUse]:
    costs = Costs()
    return [
        LayerUse(
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
