"""Add to a summary what autograd saves in each row; a storage counts in the row that saves it first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from msgspec.structs import replace

from archspec.analysis.memory.forward_trace import ForwardTrace, trace_forward
from archspec.analysis.summary import Summary
from archspec.errors import IncompleteGraphError
from archspec.ir.graph import Body, Call, Graph
from archspec.tracing.arrays import Storage

MOST_OPS = 20_000  # every op is traced, whereas the summary visits a shared body once however often it is called


def with_saved_bytes(graph: Graph, summary: Summary) -> Summary:
    """Return the summary with the bytes that each row saves for the backward pass of one sample, in float32 on a GPU.

    The rows add up to the total. A summary of a broken design, or of more than MOST_OPS ops, is returned unchanged.
    """
    if _count_ops(graph.body, {}) > MOST_OPS:
        return summary
    try:
        found = trace_forward(graph, 1, device="gpu", fused_attention=True)
    except IncompleteGraphError:
        return summary
    by_op = _saved_by_op(found)
    rows = [
        replace(row, saved=sum(by_op[first:last]))
        for row, (first, last) in zip(summary.rows, _op_ranges(graph, summary.level), strict=True)
    ]
    return replace(summary, rows=tuple(rows), saved=sum(by_op))


def _saved_by_op(found: ForwardTrace) -> list[int]:
    sizes, seen = [0] * len(found.paths), set[Storage]()
    for entry in found.tape.entries:
        for storage in entry.saved:
            if storage not in seen:
                seen.add(storage)
                sizes[entry.op] += storage.bytes
    return sizes


def _op_ranges(graph: Graph, level: str) -> Iterator[tuple[int, int]]:
    """Yield the range [first, last) of op numbers of each row, in order of execution."""
    counts: dict[int, int] = {}
    before = [
        0,
        *accumulate(_count_ops(step.body, counts) if isinstance(step, Call) else 1 for step in graph.body.steps),
    ]
    if level == "op":
        yield from ((number, number + 1) for number in range(before[-1]))
    elif level == "block":
        yield from pairwise(before)
    else:
        yield from ((before[section.first], before[section.last]) for section in graph.sections)


def _count_ops(body: Body, counts: dict[int, int]) -> int:
    """Return how many ops a body has with its calls inlined; each distinct body is counted once."""
    if id(body) not in counts:
        steps = body.steps
        counts[id(body)] = sum(_count_ops(step.body, counts) if isinstance(step, Call) else 1 for step in steps)
    return counts[id(body)]
