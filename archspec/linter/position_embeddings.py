"""Learned tensors added to tokens of their width but not of their number: position embeddings, in practice."""

from __future__ import annotations

from msgspec import Struct

from archspec.diagnostics import Diagnostic
from archspec.ir.flat import FlatNode
from archspec.ir.types import ValueType
from archspec.linter.rule_context import RuleContext

ADD_CODES = ("SHP001", "SHP009")


class PositionMismatch(Struct, frozen=True):
    """A learned tensor of `positions` vectors, the tokens it is added to, and lowering's diagnostics of that add."""

    parameter: FlatNode
    positions: int
    tokens: ValueType
    diagnostics: tuple[Diagnostic, ...]


def find_position_mismatches(context: RuleContext) -> list[PositionMismatch]:
    """Return all mismatches, in the order of their adds."""
    if not any(d.code in ADD_CODES for d in context.diagnostics):
        return []  # an add that mismatches always has one of these codes
    found = []
    for node in context.nodes:
        # More than two values leave open which of them has the wrong length.
        if node.kind == "add" and len(node.inputs) == 2 and not all(t.known for t in node.node.outputs):
            found += [m for port in (0, 1) if (m := _mismatch_at(context, node, port)) is not None]
    return found


def _mismatch_at(context: RuleContext, add: FlatNode, port: int) -> PositionMismatch | None:
    """Return the mismatch of an add whose learned tensor is at `port` and whose tokens are at the other."""
    parameter = context.predecessor(add, port)
    learned, tokens = context.input_type(add, port), context.input_type(add, 1 - port)
    if parameter is None or parameter.kind != "parameter" or learned.kind != "tokens" or tokens.kind != "tokens":
        return None
    length, needed = learned.shape[0], tokens.shape[0]
    # A length of 1 broadcasts, and a free one may fit.
    if not isinstance(length, int) or not isinstance(needed, int) or length in (1, needed):
        return None
    # Other widths are no embedding of these tokens: the diagnostic of lowering says it better.
    if learned.channels != tokens.channels:
        return None
    span = context.locate(add)[0]
    reported = tuple(d for d in context.diagnostics if d.code in ADD_CODES and d.span == span)
    return PositionMismatch(parameter, length, tokens, reported)
