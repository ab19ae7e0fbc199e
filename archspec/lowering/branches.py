"""Lower branches: several lists of layers from one start, and their merge."""

from __future__ import annotations

from archspec.language.layers import Branch, BranchesLayer
from archspec.lowering import references
from archspec.lowering.context import Bundle, Context, LoweredLayer, Segment, SymbolTable
from archspec.lowering.dispatch import lowers
from archspec.lowering.errors import LoweringError
from archspec.lowering.evaluate import evaluate_flag, evaluate_integer, interpolate_text
from archspec.lowering.layers import lower_layers
from archspec.lowering.repeats import next_block_index, too_many_repeats
from archspec.lowering.steps import insert_op
from archspec.lowering.structure import enter_structure
from archspec.source.limits import REPEAT


@lowers(BranchesLayer)
def lower_branches(layer: BranchesLayer, context: Context, segment: str | None) -> LoweredLayer:
    """Lower every branch from its start; one value, or a tuple with `merge: none`."""
    context = enter_structure(context, layer, segment)
    ends: list[int] = []
    for branch in layer.of:
        ends.extend(_lower_branch(context, branch))
    if not ends:
        raise LoweringError(
            "SPC002", "there is no branch left", layer.span, "one branch at least must have `when: true`"
        )
    # With `when`, one branch may be left, which needs no merge.
    if layer.merge == "none" or len(ends) == 1:
        return tuple(ends), {}
    return insert_op(context, layer.merge, tuple(ends), {}, layer.span, layer.merge), {}


def _lower_branch(context: Context, branch: Branch) -> Bundle:
    if branch.repeat is None:
        return _run(context, branch, None)
    count = evaluate_integer(context, branch.repeat, "repeat")
    if count > REPEAT:
        raise too_many_repeats(count, branch.repeat.span)
    ends: list[int] = []
    for index in range(count):
        context.lowering.limits.count_iteration(branch.span)
        turn = context.with_scope(**{branch.variable or "index": index, "repeat": count, **next_block_index(context)})
        # Each turn has its own names: the next one defines the same ones again.
        ends.extend(_run(turn.replace(names=SymbolTable(parent=context.names)), branch, index))
    return tuple(ends)


def _run(context: Context, branch: Branch, index: int | None) -> Bundle:
    if branch.when is not None and not evaluate_flag(context, branch.when, "when"):
        return ()
    start = references.resolve_many(context, branch.source) if branch.source is not None else context.prev
    inner = context.replace(
        prev=start, start=start, start_from=branch.source.span if branch.source is not None else None
    )
    if branch.name:
        name = interpolate_text(context, branch.name, branch.span)
        segment = name if index is None or name != branch.name else f"{name}.{index}"
        inner = inner.replace(segment=Segment(context.path(segment)))
    return lower_layers(inner, branch.body)
