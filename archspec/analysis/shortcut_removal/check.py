"""Find the merges whose skip connections cannot be removed, each with the reason.

Only the add of a residual has a main path by definition, whose value can replace the sum. A product is a gate: what it
multiplies stays in its path, and nothing is added to it. Any other merge with one input that leads to another has a
skip connection without a main path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from archspec.analysis.shortcut_removal.unremovable import UnremovableMerge
from archspec.diagnostics import Span
from archspec.errors import ShortcutRemovalError
from archspec.ir.flat import FlatGraph, FlatNode, flatten
from archspec.ir.graph import RESIDUAL_MERGE, Graph, Node, Step

if TYPE_CHECKING:
    from networkx import DiGraph

NO_SHORTCUT = "it has no residual whose merge is add, so that there is no shortcut to take out"


def require_removable(graph: Graph) -> None:
    """Raise ShortcutRemovalError unless there are skip connections, all of them shortcuts of added residuals."""
    flat = flatten(graph)
    merges = find_unremovable_merges(flat)
    if merges:
        raise ShortcutRemovalError(graph.name, merges)
    if not any(is_added_residual(placed.node) for placed in flat.nodes):
        raise ShortcutRemovalError(graph.name, (), NO_SHORTCUT)


def is_added_residual(step: Step) -> bool:
    """Return whether a step is the add that joins a residual's body, its first input, with the shortcut."""
    return isinstance(step, Node) and step.kind == "add" and step.origin.inserted == RESIDUAL_MERGE


def find_unremovable_merges(flat: FlatGraph) -> tuple[UnremovableMerge, ...]:
    """Return every merge with a skip connection that cannot be removed, in order of execution."""
    from networkx import DiGraph  # 0.2 s, for the few programs that get here

    values: DiGraph[Any] = DiGraph()
    for node in flat.nodes:
        values.add_edges_from((read, made) for read in node.inputs if read is not None for made in node.outputs)
    found: dict[tuple[Span, Span, str], UnremovableMerge] = {}
    for placed in flat.nodes:
        reason = _reason(flat, placed, values) if placed.node.op.is_merge else ""
        if reason:
            span, written = _user_span(placed), placed.node.origin.span
            first = UnremovableMerge(span, placed.path, placed.kind, reason, written, 0)
            before = found.get((span, written, reason), first)
            found[span, written, reason] = replace(before, uses=before.uses + 1)
    return tuple(found.values())


def _user_span(placed: FlatNode) -> Span:
    """Return the place in the user's own text that an op comes from: its line, or that of a block around it."""
    spans = [placed.node.origin.span, *(call.origin.span for call in reversed(placed.calls))]
    return next((span for span in spans if not span.in_library), spans[0])


def _reason(flat: FlatGraph, placed: FlatNode, values: DiGraph[Any]) -> str:
    """Return why the shortcut of a merge cannot be removed; "" if it can, or if the merge joins parallel branches."""
    if is_added_residual(placed.node):
        return _mismatch(flat, placed)
    if placed.node.op.multiplies_inputs and placed.node.op.scales_input:
        return ""  # a gate, as of squeeze and excitation
    if placed.node.origin.inserted == RESIDUAL_MERGE:
        return f"only what an add joins can be taken out, and this residual has merge: {placed.kind}"
    if placed.kind == "add":
        return "it belongs to no residual, so that nobody knows which of its values is the main path"
    if _has_skip(placed, values):
        return "one of its values leads to another: a skip connection that no add joins"
    return ""


def _has_skip(placed: FlatNode, values: DiGraph[Any]) -> bool:
    """Return whether one input of a merge leads to another, by the graph of which value is computed from which."""
    from networkx import ancestors

    inputs = {value for value in placed.inputs if value is not None}
    return any(not inputs.isdisjoint(ancestors(values, value)) for value in inputs)


def _mismatch(flat: FlatGraph, placed: FlatNode) -> str:
    """Return how the main path differs from the sum, which it cannot replace then; an add may broadcast it."""
    main, gives = placed.inputs[0], placed.node.outputs[0]
    # The sum's readers get the main path's value instead, which therefore must have the sum's type.
    kept = flat.types[main] if main is not None else None
    if kept is None or (kept.kind, kept.shape, kept.channel_axis) != (gives.kind, gives.shape, gives.channel_axis):
        return f"its main path gives {kept}, which the shortcut makes {gives}"
    if (kept.grid, kept.prefix) != (gives.grid, gives.prefix):
        return "its shortcut alone knows what picture the tokens came from"
    return ""
