"""Paths that meet: the residuals of a Graph, and the ops between a merge and the value that its paths start from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.flat import FlatNode
from archspec.ir.graph import RESIDUAL_MERGE
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, Edits, replace_value, set_entry
from archspec.source.tree import Mapping, Scalar


class Residual(Struct, frozen=True):
    """The merge of a `residual`, and the values at the ends of its body and its shortcut."""

    merge: FlatNode
    body: int
    shortcut: int


def find_residuals(context: RuleContext, merge: str = "") -> Iterator[Residual]:
    """Yield every residual, or those with one kind of merge."""
    for node in context.nodes_of(merge) if merge else context.nodes_where(lambda op: op.is_merge):
        # A written `add: [a, b]` merges values too, but marks neither of them as the shortcut.
        if node.node.origin.inserted == RESIDUAL_MERGE:
            port, others = node.op.residual_ports(len(node.inputs))
            body, shortcut = node.inputs[port], node.inputs[others[0]]
            if body is not None and shortcut is not None:
                yield Residual(node, body, shortcut)


def paths_between(context: RuleContext, values: Iterable[int | None]) -> tuple[int | None, frozenset[int]]:
    """Return the last value that all of these depend on (None: there is none), and the ops from it to them.

    Values are numbered in order of execution. The largest of those left is thus no source of another, and replacing it
    by the inputs of its producer, until one is left, ends at the last common source.
    """
    key = tuple(values)
    if key not in context.paths:
        context.paths[key] = _find_paths(context, {value for value in key if value is not None})
    return context.paths[key]


def _find_paths(context: RuleContext, waiting: set[int]) -> tuple[int | None, frozenset[int]]:
    passed: set[int] = set()
    nodes, producers = context.nodes, context.flat.producers
    while len(waiting) > 1:
        value = max(waiting)
        waiting.remove(value)
        index = producers[value]
        if index < 0:
            return None, frozenset(passed)
        passed.add(index)
        for source in nodes[index].inputs:
            if source is not None:
                waiting.add(source)
    return next(iter(waiting), None), frozenset(passed)


def path_back(context: RuleContext, value: int, start: int) -> list[FlatNode] | None:
    """Return the ops from a value back to an earlier one, the latest first; None where they are no chain."""
    found = []
    while value != start:
        maker = context.producer(value)
        # Values are numbered in order of execution: below `start`, the way back has missed it.
        if maker is None or len(maker.inputs) != 1 or maker.inputs[0] is None or value < start:
            return None
        found.append(maker)
        value = maker.inputs[0]
    return found


def last_op(context: RuleContext, value: int) -> FlatNode | None:
    """Return the op that makes a value, looking through dropout and the like unless something else reads its input."""
    node = context.producer(value)
    while node is not None and node.op.is_passthrough:
        before = context.predecessor(node)
        # A value that is read elsewhere too is not the residual's alone: changing its op would change the other path.
        if before is None or context.only_consumer(before) is not node:
            return None
        node = before
    return node


def sole_consumer(context: RuleContext, node: FlatNode) -> FlatNode | None:
    """Return the one op that reads an op's output, looking through `identity`.

    None if there are several, or if a layer that could not be lowered might be another.
    """
    if context.may_be_read_elsewhere(node):
        return None
    reader = context.only_consumer(node)
    while reader is not None and reader.kind == "identity":
        reader = context.only_consumer(reader)
    return reader


def use_projection(context: RuleContext, span: Span) -> Edits:
    """Return the edit that replaces an identity shortcut by a projection.

    Where `identity` is written, that word; else a `shortcut:` is added to the residual.
    """
    tree = next(iter(context.layout.path(span)[-1:]), None) if context.layout is not None else None
    if context.layout is None or tree is None:
        return NO_EDITS
    if isinstance(tree, Scalar):
        return replace_value(context.layout, tree, "projection") if tree.text == "identity" else NO_EDITS
    if not isinstance(tree, Mapping) or tree.get("body") is None or tree.get("shortcut") is not None:
        return NO_EDITS
    return set_entry(context.layout, tree, "shortcut", "projection")
