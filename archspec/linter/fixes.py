"""Fixes for diagnostics of lowering, and the helpers that rules make them with.

A fix is proven before it is offered: it changes only what is written literally at that place, and the op must be able
to take its inputs with the new value (its shape rule is run once more). Anything else gets a hint, no edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from archspec.diagnostics import Diagnostic, Fix, Span
from archspec.ir.flat import FlatNode
from archspec.ir.op import Op, ShapeError, raise_unless
from archspec.linter.catalogue import find_rule
from archspec.linter.edits import NO_EDITS, Edits, is_literal
from archspec.linter.rule_context import RuleContext
from archspec.source import edits
from archspec.source.emit_scalar import emit_value
from archspec.source.tree import Scalar, Tree, plain

ArgumentValue = int | str | tuple[int, ...]


def attach_fixes(context: RuleContext, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics, each that has no fix with the one that its rule makes for it, if any."""
    return tuple(_attach_fix(context, diagnostic) for diagnostic in found)


def _attach_fix(context: RuleContext, diagnostic: Diagnostic) -> Diagnostic:
    rule = find_rule(diagnostic.code)
    # Without a layout the layers are in a file that `extends` names, which is not ours to edit.
    if diagnostic.fix is not None or rule is None or rule.fix is None or context.layout is None:
        return diagnostic
    made = rule.fix(context, diagnostic.span)
    return replace(diagnostic, fix=Fix(rule.applicability, made)) if made and rule.applicability else diagnostic


def find_failed_op(context: RuleContext, span: Span, is_meant: Callable[[Op], bool]) -> FlatNode | None:
    """Return the op of these kinds that failed on known inputs and is reported at that span.

    None where several that differ failed there: one edit at one place could not fix them all.
    """
    found = [n for n in context.nodes if is_meant(n.op) and _has_failed(context, n) and _is_at(context, n, span)]
    # Repeats of a layer fail alike; uses of one block with other inputs do not, and no single value suits them.
    alike = {(node.node.op, tuple(map(str, context.flat.input_types(node)))) for node in found}
    return found[0] if len(alike) == 1 else None


def _has_failed(context: RuleContext, node: FlatNode) -> bool:
    """Return whether an op failed by itself: unknown inputs mean that an earlier one failed, and this one follows."""
    types = context.flat.input_types(node)
    known = all(t.known for t, value in zip(types, node.inputs, strict=True) if value is not None)
    return bool(node.inputs) and known and not all(t.known for t in node.node.outputs)


def _is_at(context: RuleContext, node: FlatNode, span: Span) -> bool:
    arguments = dict(node.node.origin.arguments)
    return any(context.locate(node, name)[0] == span for name in ("", *arguments))


def change_argument(context: RuleContext, node: FlatNode, name: str, value: ArgumentValue) -> Edits:
    """Return the edit that changes an op's argument where it is written literally, in the layer or a block's call.

    NO_EDITS where it is computed, or where the op could not take its inputs with that value either.
    """
    layout = context.layout
    if layout is None:
        return NO_EDITS
    tree = next(iter(layout.path(context.locate(node, name)[0])[-1:]), None)
    if tree is None or not _spells(tree, getattr(node.node.op, name)) or not _accepts(context, node, name, value):
        return NO_EDITS
    return edits.replace_value(layout, tree, emit_value(value))


def _accepts(context: RuleContext, node: FlatNode, name: str, value: ArgumentValue) -> bool:
    """Return whether the op's shape rule holds on its actual inputs once an argument is changed."""
    op: Any = node.node.op
    try:
        changed: Op = replace(op, **{name: value})
        # The other conditions of the op may fail as well; then the fix would only exchange one error for another.
        changed.infer(context.flat.input_types(node), raise_unless)
    except ShapeError:
        return False
    return True


def _spells(tree: Tree, value: object) -> bool:
    """Return whether a node of the text is that very value, and not a name or expression that has it."""
    if isinstance(value, str):
        return isinstance(tree, Scalar) and tree.text == value
    return is_literal(tree) and plain(tree) == (list(value) if isinstance(value, tuple) else value)


def nearest_divisor(number: int, whole: int) -> int:
    """Return the divisor of `whole` that is nearest to a number, of two the smaller."""
    divisors = {d for low in range(1, int(whole**0.5) + 1) if whole % low == 0 for d in (low, whole // low)}
    return min(divisors, key=lambda divisor: (abs(divisor - number), divisor))


def nearest_multiple(number: int, of: int) -> int:
    """Return the multiple of `of`, at least itself, that is nearest to a number, of two the larger."""
    below = max(of, number // of * of)
    return below if number - below < below + of - number else below + of
