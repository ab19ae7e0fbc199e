"""How the receptive field grows with depth: for every op, how deep it lies and what its output sees."""

from __future__ import annotations

from msgspec import Struct

from archspec.analysis.receptive_field import ReceptiveField, receptive_fields
from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import Graph


class Depth(Struct, frozen=True):
    """One op that an input leads to.

    `section` is the number of the table's row that it belongs to, `depth` how many ops are on the longest way from the
    input to it, itself included.
    """

    path: str
    section: int
    depth: int
    field: ReceptiveField


def by_depth(graph: Graph, source: int = 0) -> tuple[Depth, ...]:
    """Every op of known shape that the input number `source` leads to, in order of execution."""
    flat = flatten(graph)
    depths = _depths(flat, flat.inputs[source])
    sections = _sections(graph)
    known = {node.outputs[0]: node for node in flat.nodes if node.outputs and flat.types[node.outputs[0]].known}
    fields = receptive_fields(flat, source, known)
    return tuple(
        Depth(node.path, sections[id(_top(node))], depths[value], fields[value])
        for value, node in known.items()
        if value in depths and value in fields
    )


def _depths(flat: FlatGraph, start: int) -> dict[int, int]:
    """How many ops are on the longest way from an input to each value that it leads to."""
    depths = {start: 0}
    for node in flat.nodes:
        ways = [depths[value] for value in node.inputs if value in depths]
        if ways:
            depths.update(dict.fromkeys(node.outputs, max(ways) + 1))
    return depths


def _sections(graph: Graph) -> dict[int, int]:
    """For each step of the whole network, by its id, the number of its row."""
    rows = enumerate(graph.sections)
    return {id(step): row for row, part in rows for step in graph.body.steps[part.first : part.last]}


def _top(node: FlatNode) -> object:
    """The step of the whole network that an op belongs to."""
    return node.calls[0] if node.calls else node.node
