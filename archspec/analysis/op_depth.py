"""The depth and the receptive field of every op: how the receptive field grows with depth."""

from __future__ import annotations

from msgspec import Struct

from archspec.analysis.receptive_field import ReceptiveField, receptive_fields
from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import Graph


class OpDepth(Struct, frozen=True):
    """An op that depends on an input.

    section: the number of its row in the table. depth: how many ops are on the longest path from the input to it,
    itself included.
    """

    path: str
    section: int
    depth: int
    field: ReceptiveField


def op_depths(graph: Graph, source: int = 0) -> tuple[OpDepth, ...]:
    """Return every op of known shape that depends on input number `source`, in order of execution."""
    flat = flatten(graph)
    depths = _depths(flat, flat.inputs[source])
    sections = _sections(graph)
    known = {node.outputs[0]: node for node in flat.nodes if node.outputs and flat.types[node.outputs[0]].known}
    fields = receptive_fields(flat, source, known)
    return tuple(
        OpDepth(node.path, sections[id(_top(node))], depths[value], fields[value])
        for value, node in known.items()
        if value in depths and value in fields
    )


def _depths(flat: FlatGraph, start: int) -> dict[int, int]:
    """Return the length of the longest path from an input to each value that depends on it.

    One pass in topological order. networkx has the longest path of a whole DAG, not the length to each node.
    """
    depths = {start: 0}
    for node in flat.nodes:
        before = [depths[value] for value in node.inputs if value in depths]
        if before:
            depths.update(dict.fromkeys(node.outputs, max(before) + 1))
    return depths


def _sections(graph: Graph) -> dict[int, int]:
    """Return the number of its row for each step of the network's own body, by id."""
    rows = enumerate(graph.sections)
    # By id: steps are compared by identity, and the graph keeps them alive.
    return {id(step): row for row, part in rows for step in graph.body.steps[part.first : part.last]}


def _top(node: FlatNode) -> object:
    """Return the step of the network's own body that contains an op."""
    return node.calls[0] if node.calls else node.node
