"""Learned tensors added to tokens of their width that are more or fewer: position embeddings, as a rule."""

from __future__ import annotations

from msgspec import Struct

from archspec.diagnostics import Diagnostic
from archspec.ir.flat import FlatNode
from archspec.ir.types import ValueType
from archspec.linter.rule_context import View

ADD_CODES = ("SHP001", "SHP009")


class Misfit(Struct, frozen=True):
    """A learned tensor, how many positions it has, the tokens that it is added to, and what lowering said of that."""

    made: FlatNode
    positions: int
    tokens: ValueType
    told: tuple[Diagnostic, ...]


def misfits(view: View) -> list[Misfit]:
    """All of them, in order."""
    if not any(d.code in ADD_CODES for d in view.found):
        return []
    found = []
    for node in view.nodes:
        if node.kind == "add" and len(node.inputs) == 2 and not all(t.known for t in node.node.outputs):
            found += [m for port in (0, 1) if (m := _misfit(view, node, port)) is not None]
    return found


def _misfit(view: View, add: FlatNode, port: int) -> Misfit | None:
    made, learned, tokens = view.before(add, port), view.input_type(add, port), view.input_type(add, 1 - port)
    if made is None or made.kind != "parameter" or learned.kind != "tokens" or tokens.kind != "tokens":
        return None
    length, needed = learned.shape[0], tokens.shape[0]
    if not isinstance(length, int) or not isinstance(needed, int) or length in (1, needed):
        return None
    if learned.channels != tokens.channels:
        return None
    place = view.place(add)[0]
    return Misfit(made, length, tokens, tuple(d for d in view.found if d.code in ADD_CODES and d.span == place))
