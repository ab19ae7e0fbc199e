"""What autograd keeps, row by row of a network's table: a storage counts where it is kept first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from msgspec.structs import replace

from archspec.analysis.memory.tracing import Trace, trace
from archspec.analysis.summary import Summary
from archspec.errors import IncompleteGraphError
from archspec.ir.graph import Body, Call, Graph
from archspec.tracing.arrays import Storage

MOST_OPS = 20_000  # each is looked at, where the table itself takes a body that is used a thousand times once


def with_saved(graph: Graph, summary: Summary) -> Summary:
    """The table with the bytes that each row keeps for the backward pass of one sample, in float32 on a GPU.

    Rows add up to the total. The table of a broken design, or of more than MOST_OPS ops, is given back as it is.
    """
    if _count(graph.body, {}) > MOST_OPS:
        return summary
    try:
        found = trace(graph, 1, device="gpu", fused_attention=True)
    except IncompleteGraphError:
        return summary
    by_op = _by_op(found)
    rows = [
        replace(row, saved=sum(by_op[first:last]))
        for row, (first, last) in zip(summary.rows, _ops(graph, summary.level), strict=True)
    ]
    return replace(summary, rows=tuple(rows), saved=sum(by_op))


def _by_op(found: Trace) -> list[int]:
    sizes, seen = [0] * len(found.paths), set[Storage]()
    for entry in found.tape.entries:
        for storage in entry.saved:
            if storage not in seen:
                seen.add(storage)
                sizes[entry.op] += storage.bytes
    return sizes


def _ops(graph: Graph, level: str) -> Iterator[tuple[int, int]]:
    """The ops of each row, by their numbers in the order in which they run: the first, and one after the last."""
    counts: dict[int, int] = {}
    before = [0, *accumulate(_count(step.body, counts) if isinstance(step, Call) else 1 for step in graph.body.steps)]
    if level == "op":
        yield from ((number, number + 1) for number in range(before[-1]))
    elif level == "block":
        yield from pairwise(before)
    else:
        yield from ((before[section.first], before[section.last]) for section in graph.sections)


def _count(body: Body, counts: dict[int, int]) -> int:
    """How many ops a body has, its calls opened; each body is counted once."""
    if id(body) not in counts:
        steps = body.steps
        counts[id(body)] = sum(_count(step.body, counts) if isinstance(step, Call) else 1 for step in steps)
    return counts[id(body)]
