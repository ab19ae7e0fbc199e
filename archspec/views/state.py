"""Determine whether a box is fine, failed, or behind a failure, and the codes of its findings."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from archspec.diagnostics import Diagnostic, Span
from archspec.ir.flat import FlatGraph, FlatNode
from archspec.ir.graph import Step
from archspec.views.model import State


class BoxState(Struct, frozen=True):
    """A box's state; `given`: the different input shapes of its first op that failed."""

    state: State
    codes: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


def state_of(nodes: Sequence[FlatNode], flat: FlatGraph, errors: tuple[Diagnostic, ...]) -> BoxState:
    """Return the state of the ops in a box, with the codes of the findings about those that failed."""
    # Boxes behind a failure are `unknown`, not `failed`: a picture should point at the cause alone.
    failed = [node for node in nodes if _fails(node, flat, errors)]
    if failed:
        codes = tuple(sorted({code for node in failed for code in _codes(node, errors)}))
        given = [str(flat.types[v]) for v in failed[0].inputs if v is not None and flat.types[v].known]
        return BoxState("failed", codes, tuple(dict.fromkeys(given)))
    known = all(flat.types[value].known for node in nodes for value in node.outputs)
    return BoxState("fine" if known else "unknown")


def _fails(node: FlatNode, flat: FlatGraph, errors: tuple[Diagnostic, ...]) -> bool:
    """Whether a failure begins at an op: its inputs are known and its outputs are not, or a finding is about it."""
    if all(flat.types[value].known for value in node.outputs):
        return False
    known_inputs = all(flat.types[value].known for value in node.inputs if value is not None)
    return known_inputs or (node.node.failed and any(_inside(error.span, node.node.origin.span) for error in errors))


def _codes(node: FlatNode, errors: tuple[Diagnostic, ...]) -> set[str]:
    """Return the codes at an op, or at the nearest of the calls around it that has any."""
    steps: tuple[Step, ...] = (node.node, *reversed(node.calls))
    for step in steps:
        codes = {error.code for error in errors if _inside(error.span, step.origin.span)}
        if codes:
            return codes
    return set()


def _inside(inner: Span, outer: Span) -> bool:
    start = (outer.line, outer.column) <= (inner.line, inner.column)
    return inner.file == outer.file and start and (inner.line, inner.column) < (outer.end_line, outer.end_column)
