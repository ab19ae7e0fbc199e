"""The receptive field of every op of the page, which depends on its place in the network and not on its body."""

from __future__ import annotations

from typing import Any

from archspec.ir.flat import flatten
from archspec.ir.graph import Graph
from archspec.views.figures import FigureSource


def page_receptive_fields(graph: Graph) -> dict[str, Any]:
    """Return the distinct receptive fields (text and longest side) as `fields`, and each op's index there as `seen`."""
    flat = flatten(graph)
    measures = FigureSource(graph, flat, range(len(flat.nodes)))
    numbers: dict[tuple[str, int | None], int] = {}
    seen = [numbers.setdefault(measures.field(node.index), len(numbers)) for node in flat.nodes]
    return {"fields": [list(field) for field in numbers], "seen": seen}
