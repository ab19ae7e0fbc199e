"""Which merges of a Graph stand in the way of taking its skip connections out, each with the reason."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from archspec.diagnostics import Span
from archspec.errors import ShortcutRemovalError
from archspec.ir.flat import Flat, FlatNode, flatten
from archspec.ir.graph import RESIDUAL_MERGE, Graph, Node, Step

NO_SHORTCUT = "it has no residual whose merge is add, so that there is no shortcut to take out"


class Refusal(Struct, frozen=True):
    """A merge that cannot lose its shortcut: where the user's text has it, the path of its first use, how often it is
    used; `written` is its own line, which may be in the library."""

    span: Span
    path: str
    merge: str
    reason: str
    written: Span
    uses: int = 1

    def __str__(self) -> str:
        more = f" and {self.uses - 1} more" if self.uses > 1 else ""
        inside = f" ({self.written})" if self.written != self.span else ""
        return f"{self.span}: the {self.merge} at {self.path}{more}{inside}: {self.reason}"


def require_removable(graph: Graph) -> None:
    """Raise ShortcutRemovalError unless there are skip connections, all of them shortcuts of added residuals."""
    flat = flatten(graph)
    refusals = refusals_of(flat)
    if refusals:
        raise ShortcutRemovalError(graph.name, refusals)
    if not any(is_added_residual(placed.node) for placed in flat.nodes):
        raise ShortcutRemovalError(graph.name, (), NO_SHORTCUT)


def is_added_residual(step: Step) -> bool:
    """Whether a step is the add that joins a residual's body, its first input, with the shortcut."""
    return isinstance(step, Node) and step.kind == "add" and step.origin.inserted == RESIDUAL_MERGE


def refusals_of(flat: Flat) -> tuple[Refusal, ...]:
    """Every merge that has a skip connection which cannot be taken out, in the order of the network."""
    ancestors = _ancestors(flat)
    found: dict[tuple[Span, Span, str], Refusal] = {}
    for placed in flat.nodes:
        reason = _reason(flat, placed, ancestors) if placed.node.op.is_merge else ""
        if reason:
            span, written = _users(placed), placed.node.origin.span
            first = Refusal(span, placed.path, placed.kind, reason, written, 0)
            before = found.get((span, written, reason), first)
            found[span, written, reason] = replace(before, uses=before.uses + 1)
    return tuple(found.values())


def _users(placed: FlatNode) -> Span:
    """The place in the user's own text that an op comes from: its line, or that of the block which has it."""
    spans = [placed.node.origin.span, *(call.origin.span for call in reversed(placed.calls))]
    return next((span for span in spans if not span.in_library), spans[0])


def _reason(flat: Flat, placed: FlatNode, ancestors: list[int]) -> str:
    """Why the shortcut of a merge cannot be taken out; "" where it can, or where the merge joins mere branches."""
    if is_added_residual(placed.node):
        return _mismatch(flat, placed)
    if placed.node.origin.inserted == RESIDUAL_MERGE:
        return f"only what an add joins can be taken out, and this residual has merge: {placed.kind}"
    if placed.kind == "add":
        return "it belongs to no residual, so that nobody knows which of its values is the main path"
    values = [value for value in placed.inputs if value is not None]
    skips = any(a != b and ancestors[b] >> a & 1 for a in values for b in values)
    if skips:
        return "one of its values leads to another: a skip connection that no add joins"
    return ""


def _mismatch(flat: Flat, placed: FlatNode) -> str:
    """An add may stretch its main path to the shape of the shortcut; then the one cannot stand for the other."""
    main, gives = placed.inputs[0], placed.node.outputs[0]
    kept = flat.types[main] if main is not None else None
    if kept is None or (kept.kind, kept.shape, kept.channel_axis) != (gives.kind, gives.shape, gives.channel_axis):
        return f"its main path gives {kept}, which the shortcut makes {gives}"
    if (kept.grid, kept.prefix) != (gives.grid, gives.prefix):
        return "its shortcut alone knows what picture the tokens came from"
    return ""


def _ancestors(flat: Flat) -> list[int]:
    """For each value the values that lead to it, as the bits of a number."""
    found = [0] * len(flat.types)
    for placed in flat.nodes:
        bits = 0
        for value in placed.inputs:
            if value is not None:
                bits |= found[value] | 1 << value
        for value in placed.outputs:
            found[value] = bits
    return found
