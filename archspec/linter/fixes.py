"""What lowering has found, with the edits that the rules know for it; and how they find the op that failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from archspec.diagnostics import Diagnostic, Fix, Span
from archspec.ir.flat import FlatNode
from archspec.ir.op import Op, ShapeError, raise_unless
from archspec.linter.catalogue import find_rule
from archspec.linter.edits import NONE, Edits, is_literal
from archspec.linter.rule_context import View
from archspec.source import edits
from archspec.source.emit_scalar import written
from archspec.source.tree import Scalar, Tree, plain

Value = int | str | tuple[int, ...]


def mended(view: View, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings, each that brings no fix with the one that its rule makes for it, if any."""
    return tuple(_mended(view, diagnostic) for diagnostic in found)


def _mended(view: View, diagnostic: Diagnostic) -> Diagnostic:
    rule = find_rule(diagnostic.code)
    if diagnostic.fix is not None or rule is None or rule.mend is None or view.layout is None:
        return diagnostic
    made = rule.mend(view, diagnostic.span)
    return replace(diagnostic, fix=Fix(rule.applicability, made)) if made and rule.applicability else diagnostic


def failed(view: View, span: Span, *kinds: str) -> FlatNode | None:
    """The op of these kinds that cannot take its inputs, as is told at that place; None where several differ."""
    found = [node for node in view.nodes if node.kind in kinds and _has_failed(view, node) and _is_at(view, node, span)]
    alike = {(node.node.op, tuple(map(str, view.flat.input_types(node)))) for node in found}
    return found[0] if len(alike) == 1 else None


def _has_failed(view: View, node: FlatNode) -> bool:
    known = all(t.known for t, value in zip(view.flat.input_types(node), node.inputs, strict=True) if value is not None)
    return bool(node.inputs) and known and not all(t.known for t in node.node.outputs)


def _is_at(view: View, node: FlatNode, span: Span) -> bool:
    arguments = dict(node.node.origin.arguments)
    return any(view.place(node, name)[0] == span for name in ("", *arguments))


def change(view: View, node: FlatNode, name: str, value: Value) -> Edits:
    """An op's argument changed where the user has written it literally, in the layer or in the call of a block.

    NONE where the op could not take its inputs with that value either.
    """
    layout = view.layout
    if layout is None:
        return NONE
    tree = next(iter(layout.path(view.place(node, name)[0])[-1:]), None)
    if tree is None or not _spells(tree, getattr(node.node.op, name)) or not _fits(view, node, name, value):
        return NONE
    return edits.replace(layout, tree, written(value))


def _fits(view: View, node: FlatNode, name: str, value: Value) -> bool:
    op: Any = node.node.op
    try:
        changed: Op = replace(op, **{name: value})
        changed.infer(view.flat.input_types(node), raise_unless)
    except ShapeError:
        return False
    return True


def _spells(tree: Tree, value: object) -> bool:
    """Whether a node says that value itself, and not by a name or an expression."""
    if isinstance(value, str):
        return isinstance(tree, Scalar) and tree.text == value
    return is_literal(tree) and plain(tree) == (list(value) if isinstance(value, tuple) else value)


def nearest_divisor(number: int, whole: int) -> int:
    """The divisor of `whole` that is nearest to a number, of two the smaller."""
    divisors = {d for low in range(1, int(whole**0.5) + 1) if whole % low == 0 for d in (low, whole // low)}
    return min(divisors, key=lambda divisor: (abs(divisor - number), divisor))


def nearest_multiple(number: int, of: int) -> int:
    """The multiple of `of`, at least itself, that is nearest to a number, of two the larger."""
    below = max(of, number // of * of)
    return below if number - below < below + of - number else below + of
