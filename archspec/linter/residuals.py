"""Where paths meet: the residuals of a Graph, and what lies between a join and the value that its paths come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.flat import FlatNode
from archspec.ir.graph import RESIDUAL_MERGE
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NONE, Edits, replace, set_entry
from archspec.source.tree import Mapping, Scalar


class Residual(Struct, frozen=True):
    """The merge of a `residual`, and the values that its body and its shortcut give."""

    merge: FlatNode
    body: int
    shortcut: int


def find_residuals(context: RuleContext, merge: str = "") -> Iterator[Residual]:
    """Yield every residual, or those with one merge."""
    for node in context.nodes:
        if node.node.origin.inserted == RESIDUAL_MERGE and (not merge or node.kind == merge):
            port, others = node.op.residual_ports(len(node.inputs))
            body, shortcut = node.inputs[port], node.inputs[others[0]]
            if body is not None and shortcut is not None:
                yield Residual(node, body, shortcut)


def paths_between(context: RuleContext, values: Iterable[int | None]) -> tuple[int | None, frozenset[int]]:
    """The last value that all of these come from (None: there is none), and the ops on the way from it to them."""
    waiting = {value for value in values if value is not None}
    passed: set[int] = set()
    while len(waiting) > 1:
        value = max(waiting)
        waiting.remove(value)
        maker = context.maker(value)
        if maker is None:
            return None, frozenset(passed)
        passed.add(maker.index)
        waiting.update(given for given in maker.inputs if given is not None)
    return next(iter(waiting), None), frozenset(passed)


def path_back(context: RuleContext, value: int, start: int) -> list[FlatNode] | None:
    """The ops from a value back to an earlier one, where they stand in one row; the latest comes first."""
    found = []
    while value != start:
        maker = context.maker(value)
        if maker is None or len(maker.inputs) != 1 or maker.inputs[0] is None or value < start:
            return None
        found.append(maker)
        value = maker.inputs[0]
    return found


def last_op(context: RuleContext, value: int) -> FlatNode | None:
    """The op that makes a value, dropout and the like left out, while nothing else reads what they hand on."""
    node = context.maker(value)
    while node is not None and node.op.is_passthrough:
        before = context.predecessor(node)
        if before is None or context.only_reader(before) is not node:
            return None
        node = before
    return node


def sole_reader(context: RuleContext, node: FlatNode) -> FlatNode | None:
    """The one op that reads what an op gives, `identity` left out; None where a layer that failed might read it."""
    if context.last_failure > node.index:
        return None
    reader = context.only_reader(node)
    while reader is not None and reader.kind == "identity":
        reader = context.only_reader(reader)
    return reader


def use_projection(context: RuleContext, span: Span) -> Edits:
    """A projection in place of an identity: where the word is written, else as the residual's own shortcut."""
    tree = next(iter(context.layout.path(span)[-1:]), None) if context.layout is not None else None
    if context.layout is None or tree is None:
        return NONE
    if isinstance(tree, Scalar):
        return replace(context.layout, tree, "projection") if tree.text == "identity" else NONE
    is_residual = isinstance(tree, Mapping) and tree.get("body") is not None and tree.get("shortcut") is None
    return (
        set_entry(context.layout, tree, "shortcut", "projection") if isinstance(tree, Mapping) and is_residual else NONE
    )
