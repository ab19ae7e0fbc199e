"""What every op of the page sees of the network's input, which depends on where it is and not on its body."""

from __future__ import annotations

from typing import Any

from archspec.ir.flat import flatten
from archspec.ir.graph import Graph
from archspec.views.measures import Measures


def fields_of(graph: Graph) -> dict[str, Any]:
    """The different receptive fields in `fields`, in words and as longest side; of each op the number there."""
    flat = flatten(graph)
    measures = Measures(graph, flat, range(len(flat.nodes)))
    numbers: dict[tuple[str, int | None], int] = {}
    seen = [numbers.setdefault(measures.field(node.index), len(numbers)) for node in flat.nodes]
    return {"fields": [list(field) for field in numbers], "seen": seen}
