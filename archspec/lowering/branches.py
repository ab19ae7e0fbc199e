"""Lower branches: several lists of layers from one start, and their merge."""

from __future__ import annotations

from archspec.language.expressions import inserted_identifiers
from archspec.language.layers import Branch, BranchesLayer
from archspec.language.nodes import span_of
from archspec.lowering import references
from archspec.lowering.context import Bundle, Context, LoweredLayer, NamedValue, Omission, Segment, SymbolTable
from archspec.lowering.dispatch import lowers
from archspec.lowering.errors import LoweringError
from archspec.lowering.evaluate import evaluate_flag, evaluate_integer, interpolate_text
from archspec.lowering.layers import lower_layers
from archspec.lowering.repeats import define_repeats, next_block_index, omit_turn, too_many_repeats
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
    """Lower a branch and define its name; return the values at its end, or at the ends of all its repeats."""
    if branch.repeat is not None:
        return _lower_repeats(context, branch, evaluate_integer(context, branch.repeat, "repeat"))
    name = interpolate_text(context, branch.name, branch.span) if branch.name else ""
    if branch.when is not None and not evaluate_flag(context, branch.when, "when"):
        if name:
            context.names.omitted[name] = Omission("`when`")
        return ()
    end = _run(context, branch, name)
    if name:
        references.define(context, name, NamedValue(end, name, branch.span), span_of(branch.name, branch.span))
    return end


def _lower_repeats(context: Context, branch: Branch, count: int) -> Bundle:
    """Lower the repeats of a branch, which are side by side: each starts where the branch does."""
    assert branch.repeat is not None
    if count > REPEAT:
        raise too_many_repeats(count, branch.repeat.span)
    variable = branch.variable or "index"
    # As for a repeated layer: a name that contains the variable is each repeat's whole name.
    counts_itself = variable in inserted_identifiers(branch.name or "")
    repeats: dict[int, NamedValue] = {}
    for index in range(count):
        context.lowering.limits.count_iteration(branch.span)
        turn = context.with_scope(**{variable: index, "repeat": count, **next_block_index(context)})
        if branch.when is not None and not evaluate_flag(turn, branch.when, "when"):
            if counts_itself:
                omit_turn(turn, branch)
            continue
        name = interpolate_text(turn, branch.name, branch.span) if branch.name else ""
        segment = name if counts_itself or not name else f"{name}.{index}"
        # Each turn has its own names: the next one defines the same ones again.
        turn = turn.replace(names=SymbolTable(parent=context.names))
        repeats[index] = NamedValue(_run(turn, branch, segment), segment, branch.span, inner=turn.names.known)
        if counts_itself and name:
            references.define(context, name, repeats[index], span_of(branch.name, branch.span))
    ends = tuple(value for repeat in repeats.values() for value in repeat.bundle)
    if branch.name and not counts_itself:
        define_repeats(context, branch, repeats, ends, count, is_list=True)
    return ends


def _run(context: Context, branch: Branch, segment: str) -> Bundle:
    start = references.resolve_many(context, branch.source) if branch.source is not None else context.prev
    inner = context.replace(
        prev=start, start=start, start_from=branch.source.span if branch.source is not None else None
    )
    if segment:
        inner = inner.replace(segment=Segment(context.path(segment)))
    return lower_layers(inner, branch.body)
