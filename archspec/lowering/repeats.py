"""Lower a repeated layer: each turn has its own names; a turn that equals the one before reuses its call."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from archspec.diagnostics import Span
from archspec.ir.graph import Call, join
from archspec.language.expressions import inserted_identifiers
from archspec.language.free_names import free_names
from archspec.language.layers import CallLayer, Layer, Placement, SequenceLayer
from archspec.language.nodes import span_of
from archspec.lowering import references
from archspec.lowering.builder import SequenceTurn
from archspec.lowering.context import Bundle, Context, LoweredLayer, NamedValue, Omission, SymbolTable
from archspec.lowering.dispatch import is_structure, lower_kind, segment_of
from archspec.lowering.errors import LoweringError, Suppressed
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
    """Lower each turn of a repeated layer, on the value of the turn before, and define the layer's name."""
    assert layer.repeat is not None
    count = evaluate_integer(context, layer.repeat, "repeat")
    if count > REPEAT:
        raise too_many_repeats(count, layer.repeat.span)
    variable = layer.variable or "index"
    # A name that contains the variable is each turn's whole name; otherwise turns are numbered below the name.
    counts_itself = layer.name is not None and variable in inserted_identifiers(layer.name)
    # One position for all turns, so that their number does not shift the keys of the layers after them.
    position: str | None = None if is_structure(layer) else segment_of(context, None)
    turning = frozenset({variable, "block_index"})
    invariant = _is_turn_invariant(layer, turning)
    is_constant_name = not counts_itself and "${" not in (layer.name or "")
    merge_steps: list[Bundle] = [context.prev]
    repeats: dict[int, NamedValue] = {}
    prev = context.prev
    for index in range(count):
        context.lowering.limits.count_iteration(layer.span)
        names = {variable: index, "repeat": count, **next_block_index(context)}
        if invariant and index > 1 and is_constant_name:
            # The scope of the turn is read by its name alone, and here not even by that.
            path = f"{layer.name or position}.{index}"
            reused = _reuse_last_call(context.with_value(prev), layer, path)
            if reused is not None:
                prev, exports = reused
                repeats[index] = NamedValue(prev, path, layer.span, None, exports)
                continue
        turn = context.replace(
            scope={**context.scope, **names},
            prev=prev,
            iteration=index,
            turn_names=turning if repeats else frozenset(),
        )
        if layer.when is not None and not evaluate_flag(turn, layer.when, "when"):
            if counts_itself:
                omit_turn(turn, layer)
            continue
        name = interpolate_text(turn, layer.name, layer.span) if layer.name else None
        whole = name or position
        # An empty name is none, so that it does not count the turns either.
        segment = whole if (counts_itself and name) or whole is None else f"{whole}.{index}"
        if is_structure(layer):
            # Layers inside structure are named again in every turn.
            turn = turn.replace(names=SymbolTable(parent=context.names))
        if isinstance(layer, SequenceLayer) and layer.merge is not None and layer.source is not None and not repeats:
            merge_steps = [references.resolve_many(turn, layer.source)]
        reused = _reuse_last_call(turn, layer, segment or "") if invariant and index > 1 else None
        first = len(context.builder.steps)
        prev, exports = reused or lower_kind(turn, layer, segment)
        if isinstance(layer, SequenceLayer) and layer.merge is None:
            last = len(context.builder.steps)
            context.builder.turns.append(SequenceTurn(layer, segment or "", first, last, prev))
        inner = turn.names.known if is_structure(layer) else {}
        repeats[index] = NamedValue(prev, segment or "", layer.span, None, exports, inner)
        merge_steps.append(prev)
        if counts_itself and name:
            references.define(context, name, repeats[index], span_of(layer.name, layer.span))
    if isinstance(layer, SequenceLayer) and layer.merge is not None and repeats:
        prev = _merge_steps(context, layer, merge_steps)
    if layer.name and not counts_itself:
        define_repeats(context, layer, repeats, prev, count)
    return prev


def omit_turn(turn: Context, layer: Placement) -> None:
    """Note that a turn with a name of its own is left out; nothing where its name is empty or cannot be computed."""
    with suppress(LoweringError, Suppressed):
        name = interpolate_text(turn, layer.name or "", layer.span)
        if name:
            turn.names.omitted[name] = Omission("`when`")


def define_repeats(
    context: Context,
    layer: Placement,
    repeats: dict[int, NamedValue],
    bundle: Bundle,
    count: int,
    is_list: bool = False,
) -> None:
    """Define the name of all turns together: it has the exports and the inner names of the last one."""
    # The turns have one name, which may be computed; `repeat` is in scope as it is in a turn.
    name = interpolate_text(context.with_scope(repeat=count), layer.name or "", layer.span)
    if not name:
        return  # a computed name may be empty, which is none
    if not repeats:
        context.names.omitted[name] = Omission("`when`" if count else "`repeat: 0`", is_repeated=True)
        return
    last = list(repeats.values())[-1]
    named = NamedValue(bundle, name, layer.span, repeats, last.exports, last.inner, is_list)
    references.define(context, name, named, span_of(layer.name, layer.span))


def too_many_repeats(count: int, span: Span) -> LoweringError:
    """Return the error for a repeat above the limit."""
    return LoweringError(
        "LIM005", f"repeat: {count:,} is more than {REPEAT:,}", span, "repeat a block that repeats layers itself"
    )


def _merge_steps(context: Context, layer: SequenceLayer, steps: list[Bundle]) -> Bundle:
    assert layer.merge is not None
    values = tuple(value for bundle in steps for value in bundle)
    return insert_op(context, layer.merge, values, {}, layer.span, join(layer.name or "", layer.merge))


def next_block_index(context: Context) -> dict[str, Any]:
    """Return the next `block_index` for a turn of an outermost repeat of the spec, also of a branch; else nothing."""
    # How often a block uses the layers of a slot is not known beforehand, so that block_count cannot count them.
    if "block_index" not in context.scope or "repeat" in context.scope or context.in_slot:
        return {}
    context.lowering.block_index += 1
    return {"block_index": context.lowering.block_index - 1}


def _is_turn_invariant(layer: Layer, turning: frozenset[str]) -> bool:
    """Return whether the turns of a layer differ in their input alone: no callee or argument mentions the turn."""
    if not isinstance(layer, CallLayer) or any(getattr(layer, word) is not None for word in KEYS_PER_TURN):
        return False
    given = [layer.callee, *(tree for _, tree in layer.arguments)]
    if layer.main is not None:
        given.append(layer.main)
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
