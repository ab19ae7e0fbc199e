"""Lower a repeated layer: each turn has its own names; a turn that equals the one before reuses its call."""

from __future__ import annotations

from typing import Any

from archspec.diagnostics import Span
from archspec.ir.graph import Call, join
from archspec.language.expressions import find_insertions, identifiers_in
from archspec.language.free_names import free_names
from archspec.language.layers import CallLayer, Layer, SequenceLayer
from archspec.language.nodes import span_of
from archspec.lowering import references
from archspec.lowering.context import Bundle, Context, LoweredLayer, NamedValue, SymbolTable
from archspec.lowering.dispatch import is_structure, lower_kind, segment_of
from archspec.lowering.errors import LoweringError
from archspec.lowering.evaluate import evaluate_flag, evaluate_integer, interpolate_text
from archspec.lowering.specialization import find_body
from archspec.lowering.steps import add_call, claim_path, insert_op
from archspec.source.limits import REPEAT

KEYS_PER_TURN = (
    "source",
    "when",
    "share",
    "init",
    "keys",
    "defaults",
)  # what may differ from turn to turn, or be an error


def lower_repeated(context: Context, layer: Layer) -> Bundle:
    assert layer.repeat is not None
    count = evaluate_integer(context, layer.repeat, "repeat")
    if count > REPEAT:
        raise too_many_repeats(count, layer.repeat.span)
    variable = layer.variable or "index"
    # A name that contains the variable is each turn's whole name; otherwise turns are numbered below the name.
    counts_itself = layer.name is not None and _uses(layer.name, variable)
    # One position for all turns, so that their number does not shift the keys of the layers after them.
    position: str | None = None if is_structure(layer) else segment_of(context, None)
    invariant = _is_turn_invariant(layer, variable)
    is_constant_name = not counts_itself and "${" not in (layer.name or "")
    merge_steps: list[Bundle] = [context.prev]
    repeats: list[NamedValue] = []
    prev = context.prev
    for index in range(count):
        context.lowering.count_iteration(layer.span)
        names = {variable: index, "repeat": count, **next_block_index(context)}
        if invariant and index > 1 and is_constant_name:
            # The scope of the turn is read by its name alone, and here not even by that.
            path = f"{layer.name or position}.{index}"
            reused = _reuse_last_call(context.with_value(prev), layer, path)
            if reused is not None:
                prev, exports = reused
                repeats.append(NamedValue(prev, path, layer.span, None, exports))
                continue
        turn = context.replace(scope={**context.scope, **names}, prev=prev, iteration=index)
        if layer.when is not None and not evaluate_flag(turn, layer.when, "when"):
            continue
        name = interpolate_text(turn, layer.name, layer.span) if layer.name else position
        segment = name if counts_itself or name is None else f"{name}.{index}"
        if is_structure(layer):
            # Layers inside structure are named again in every turn.
            turn = turn.replace(names=SymbolTable(parent=context.names))
        reused = _reuse_last_call(turn, layer, segment or "") if invariant and index > 1 else None
        prev, exports = reused or lower_kind(turn, layer, segment)
        named = NamedValue(prev, segment or "", layer.span, None, exports)
        repeats.append(named)
        merge_steps.append(prev)
        if layer.name and counts_itself and name:
            references.define(context, name, named, span_of(layer.name, layer.span))
    if isinstance(layer, SequenceLayer) and layer.merge is not None and repeats:
        prev = _merge_steps(context, layer, merge_steps)
    if layer.name and not counts_itself:
        last_exports = repeats[-1].exports if repeats else {}
        named = NamedValue(prev, layer.name, layer.span, repeats, last_exports)
        references.define(context, layer.name, named, span_of(layer.name, layer.span))
    return prev


def too_many_repeats(count: int, span: Span) -> LoweringError:
    """Return the error for a repeat above the limit."""
    return LoweringError(
        "LIM005", f"repeat: {count:,} is more than {REPEAT:,}", span, "repeat a block that repeats layers itself"
    )


def _merge_steps(context: Context, layer: SequenceLayer, steps: list[Bundle]) -> Bundle:
    assert layer.merge is not None
    values = tuple(value for bundle in steps for value in bundle)
    return insert_op(context, layer.merge, values, {}, layer.span, join(layer.name or "", layer.merge))


def _uses(name: str, variable: str) -> bool:
    """Return whether a name's `${...}` mentions the loop variable."""
    return any(variable in identifiers_in(name[start:end]) for start, end in find_insertions(name))


def next_block_index(context: Context) -> dict[str, Any]:
    """Return the next `block_index` for a turn of an outermost repeat of the spec, also of a branch; else nothing."""
    # How often a block uses the layers of a slot is not known beforehand, so that block_count cannot count them.
    if "block_index" not in context.scope or "repeat" in context.scope or context.in_slot:
        return {}
    context.lowering.block_index += 1
    return {"block_index": context.lowering.block_index - 1}


def _is_turn_invariant(layer: Layer, variable: str) -> bool:
    """Return whether the turns of a layer differ in their input alone: no callee or argument mentions the turn."""
    if not isinstance(layer, CallLayer) or any(getattr(layer, word) is not None for word in KEYS_PER_TURN):
        return False
    given = [layer.callee, *(tree for _, tree in layer.arguments)]
    if layer.main is not None:
        given.append(layer.main)
    turning = {variable, "block_index"}
    return all(turning.isdisjoint(free_names(tree)) for tree in given)


def _reuse_last_call(context: Context, layer: Layer, segment: str) -> LoweredLayer | None:
    """Append the last call once more, on the running value; None where that would not be the same block.

    No argument mentions the turn, so that arguments, defaults and body are those of the turn before.
    The last call must not be the first turn's, which alone gets the parameters that are marked `first`.
    """
    lowering, last = context.lowering, context.builder.steps[-1]
    if not isinstance(last, Call) or len(context.prev) != 1:
        return None
    use = lowering.uses.get(id(last.body))
    if use is None:
        return None
    types = (context.type_of(context.prev[0]),)
    body = find_body(lowering, use, types, layer.span)  # specialised, as in DenseNet, if the input is another
    if body is None:
        return None
    path = claim_path(context, layer, segment, leaf=True)
    return add_call(context, Call(body, context.prev, path, last.origin, (), last.arguments))
