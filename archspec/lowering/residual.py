"""Lower residuals, y = merge(shortcut(x), body(x)), and insert the shortcut that the body needs.

A sum needs equal shapes. Where the body changes channels or size, the default shortcut is a projection with the body's
channels and stride (He et al. 2015, option B). It is chosen by strides, not by the sizes at hand, so that a module
built for one input size is right for all others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from archspec.diagnostics import Cause, Span
from archspec.ir.graph import RESIDUAL_MERGE, Decision
from archspec.ir.types import ValueType
from archspec.language.free_names import free_names
from archspec.language.layers import RESERVED, CallLayer, ResidualLayer
from archspec.language.nodes import span_of
from archspec.language.symbols import BlockDefinition
from archspec.language.vocabulary import SHORTCUT_KINDS
from archspec.lowering import references
from archspec.lowering.calls import NO_ARGUMENTS, ShortcutArguments, lower_call_with, resolve_callee_or_keyword
from archspec.lowering.context import Bundle, Context, LoweredLayer, NamedValue
from archspec.lowering.defaults import resolve_role, role_causes, with_defaults
from archspec.lowering.dispatch import lowers
from archspec.lowering.errors import LoweringError
from archspec.lowering.evaluate import evaluate_block, evaluate_flag, interpolate_text, read_call, read_layers
from archspec.lowering.layers import lower_layers
from archspec.lowering.shape_change import (
    ShapeChange,
    ShapeGuard,
    compare_shapes,
    is_comparable,
    show_strides,
    strides_between,
)
from archspec.lowering.shape_provenance import differences_between
from archspec.lowering.steps import insert_op
from archspec.lowering.structure import enter_structure
from archspec.lowering.values import DEFAULT, BlockValue, Keyword
from archspec.source import Mapping, Scalar, Sequence, Tree

MERGES = ("add", "concat", "multiply", "gate")


@lowers(ResidualLayer)
def lower_residual(layer: ResidualLayer, context: Context, segment: str | None) -> LoweredLayer:
    """Lower a residual; it exports nothing."""
    return _lower_residual(enter_structure(context, layer, segment), layer), {}


def _lower_residual(context: Context, layer: ResidualLayer) -> Bundle:
    """Lower the body, then the shortcut that fits it, then the gate, then the merge."""
    if len(context.prev) != 1:
        message = f"a residual takes one value, and here are {len(context.prev)}"
        raise LoweringError(
            "SHP010", message, layer.span, "choose one: `from: name[0]`; or join them with concat or add"
        )
    merge, gate = _merge_of(layer)
    body = lower_layers(context, layer.body)
    if len(body) != 1:
        raise _several_values(body, "body", None, layer).with_reads(body)
    shortcut = _shortcut(context, layer, merge, body[0])
    if shortcut is not None and len(shortcut) != 1:
        raise _several_values(shortcut, "shortcut", layer.shortcut, layer).with_reads((*body, *shortcut))
    if shortcut is None:
        if merge == "gate":
            raise _gate_alone(layer, ())
        return body
    if merge == "gate":
        assert gate is not None
        opening = lower_layers(context, gate)
        if len(opening) != 1:
            raise _several_values(opening, "gate", layer.merge, layer).with_reads((*opening, *body, *shortcut))
        return insert_op(context, "gate", (*opening, *body, *shortcut), {}, layer.span, "gate", RESIDUAL_MERGE)
    # A product's body is a gate, often of one value for each channel (squeeze and excitation).
    attributes = {"broadcast": True} if merge == "multiply" else {}
    # Concatenation adds new features behind the old ones, as in DenseNet; an add has the body first.
    inputs = (*shortcut, *body) if merge == "concat" else (*body, *shortcut)
    try:
        if merge == "add" and len(shortcut) == 1:
            # Before the add's own check, which sees two sizes and not the strides that they come from.
            _check_strides(context, layer, body[0], shortcut[0])
        return insert_op(context, merge, inputs, attributes, layer.span, merge, RESIDUAL_MERGE)
    except LoweringError as problem:
        raise problem.with_reads(inputs) from None


def inner_layers(layer: ResidualLayer) -> tuple[tuple[Any, ...], ...]:
    """Return the lists of layers written in a residual: its body, a shortcut that is a list, the layers of a gate."""
    shortcut = read_layers(layer.shortcut) if isinstance(layer.shortcut, Sequence) else ()
    _, gate = _merge_of(layer)
    return layer.body, shortcut, gate or ()


def _several_values(values: Bundle, part: str, tree: Tree | None, layer: ResidualLayer) -> LoweringError:
    """Return the error for a part of a residual that ends in a tuple (split, branches with `merge: none`)."""
    message = f"the {part} of a residual gives {len(values)} values, and one is needed"
    return LoweringError("SHP010", message, layer.span if tree is None else tree.span, "end it with concat or add")


def _gate_alone(layer: ResidualLayer, causes: tuple[Cause, ...]) -> LoweringError:
    hint = "a gate chooses between the body and a shortcut; use identity or projection"
    place = layer.shortcut.span if layer.shortcut is not None else layer.span
    return LoweringError("SPC002", "a gated residual cannot have `shortcut: none`", place, hint, causes)


def _check_strides(context: Context, layer: ResidualLayer, body: int, shortcut: int) -> None:
    """Report an explicit shortcut whose stride differs from the body's as RES002, not as a shape mismatch."""
    gets, gives = context.type_of(body), context.type_of(shortcut)
    if not (is_comparable(gets, gives) and gets.kind == "map") or gets.spatial == gives.spatial:
        return
    builder, start = context.builder, context.prev[0]
    ways = [strides_between(builder.types, builder.steps, builder.starts, start, value) for value in (body, shortcut)]
    if any(strides is None or not agree for strides, agree in ways) or ways[0] == ways[1]:
        return
    theirs, its = (show_strides(strides) for strides, _ in ways if strides is not None)
    message = f"the shortcut has stride {its} and gives {gives}, its body has stride {theirs} and gives {gets}"
    place = layer.shortcut.span if layer.shortcut is not None else layer.span
    causes = differences_between(context, shortcut, body)
    raise LoweringError("RES002", message, place, "stride both alike, or use `shortcut: projection`", causes)


def _merge_of(layer: ResidualLayer) -> tuple[str, tuple[Any, ...] | None]:
    tree: Tree | None = layer.merge
    if tree is None:
        return "add", None
    if isinstance(tree, Mapping) and len(tree.entries) == 1 and tree.entries[0][0].text == "gate":
        return "gate", read_layers(tree.entries[0][1])
    if isinstance(tree, Scalar) and tree.text in MERGES[:3]:
        return tree.text, None
    message = "merge is one of add, concat, multiply or {gate: [layers]}"
    hint = "a gate lists its layers: {gate: [linear: ..., sigmoid]}"
    if not isinstance(tree, Scalar):
        raise LoweringError("SPC002", message, tree.span, hint)
    from archspec.language.suggestions import suggest_value  # for a mistake alone

    meant = suggest_value(tree.text, MERGES[:3], tree.span)
    raise LoweringError("SPC002", message, tree.span, meant.hint or hint, fix=meant.fix)


def _shortcut(context: Context, layer: ResidualLayer, merge: str, body: int) -> Bundle | None:
    """Return the shortcut's value; None where there is none."""
    tree: Tree | None = layer.shortcut
    if isinstance(tree, Sequence):
        return lower_layers(context, read_layers(tree))
    value, call, always = _chosen(context, tree, merge, layer.span)
    if call is not None and call.when is not None and not evaluate_flag(context, call.when, "when"):
        return None
    if isinstance(value, Keyword) and value.word == "none":
        if merge == "gate":
            raise _gate_alone(layer, _default_causes(context, value))
        return None
    # Behind a failure nothing can be chosen; the identity keeps the merge from being a second error.
    if not (context.type_of(body).known and context.type_of(context.prev[0]).known):
        return context.prev
    span = tree.span if tree is not None else layer.span
    word = value.word if isinstance(value, Keyword) else value.definition.name
    if word in ("identity", "identity_if_same"):
        try:
            change = _shape_change(context, body)
            # A product broadcasts: its identity does not depend on shapes.
            if merge != "multiply":
                _guard(context, body, change, "sizes" if merge == "concat" and change.same_size else "equality")
            return _lower_identity(context, word, change, layer, span, body)
        except LoweringError as problem:
            problem.causes = differences_between(context, context.prev[0], body) + _default_causes(context, value)
            raise problem.with_reads((body, *context.prev)).mentioning(
                free_names(tree) if tree is not None else frozenset()
            ) from None
    assert isinstance(value, BlockValue)
    assert call is not None
    return _block_shortcut(context, value, call, body, always)


def _chosen(
    context: Context, tree: Tree | None, merge: str, span: Span
) -> tuple[BlockValue | Keyword, CallLayer | None, bool]:
    """Return the shortcut's block or keyword, the layer that it is written as, and whether `always` keeps it."""
    always = False
    if isinstance(tree, Mapping):
        tree, always = _without_always(context, tree)
    if tree is None:
        value: BlockValue | Keyword = Keyword("identity") if merge in ("concat", "multiply") else _default(context)
        return _with_call(value, Mapping((), span), always)
    if isinstance(tree, Mapping) and set(tree.keys()) <= set(RESERVED):
        return _with_call(_default(context), tree, always)
    if isinstance(tree, Scalar):
        value = evaluate_block(context, tree, SHORTCUT_KINDS)
        return _with_call(_default(context) if value == DEFAULT else value, Mapping((), tree.span), always)
    call = read_call(tree)
    if not isinstance(call, CallLayer):
        raise LoweringError(
            "SPC002", "a shortcut is a block, or a list of layers", tree.span, "write it as a list: [...]"
        )
    named = call.callee.text if isinstance(call.callee, Scalar) else ""
    if named in SHORTCUT_KINDS:
        return Keyword(named), call, always
    if named == "default":
        return _default(context), call, always
    value = resolve_callee_or_keyword(context, call)
    return value, call, always or _says_always(value)


def _default(context: Context) -> BlockValue | Keyword:
    return resolve_role(context, "shortcut")


def _default_causes(context: Context, value: BlockValue | Keyword) -> tuple[Cause, ...]:
    """Return where the defaults chose this shortcut, as causes."""
    return role_causes(context, "shortcut") if value == context.defaults.role("shortcut") else ()


def _with_call(
    value: BlockValue | Keyword, words: Mapping, always: bool
) -> tuple[BlockValue | Keyword, CallLayer | None, bool]:
    """Return a shortcut with the reserved words around it as a layer."""
    call = _bare_call(str(value), words.span) if not words.entries else _call_of(str(value), words)
    return value, call, always or _says_always(value)


@lru_cache(maxsize=1024)
def _bare_call(name: str, span: Span) -> CallLayer:
    """Return a layer without arguments; cached, since most shortcuts are such and validation is their main cost."""
    return _call_of(name, Mapping((), span))


def _call_of(name: str, words: Mapping) -> CallLayer:
    callee = Scalar(name, name, words.span)
    call: CallLayer = read_call(Mapping(((callee, words),), words.span))
    return call


def _says_always(value: BlockValue | Keyword) -> bool:
    """Return whether a block value has `always: true`, as in `defaults: {shortcut: {projection: {always: true}}}`."""
    return isinstance(value, BlockValue) and dict(value.arguments).get("always") is True


def _without_always(context: Context, tree: Mapping) -> tuple[Tree, bool]:
    """Return the shortcut without its `always:`, which is no argument of the block, and the value of that."""
    always = tree.get("always")
    if always is not None:
        rest = Mapping(tuple((k, v) for k, v in tree.entries if k.text != "always"), tree.span, tree.key)
        return rest, evaluate_flag(context, always, "always")
    if len(tree.entries) == 1:
        key, inner = tree.entries[0]
        if isinstance(inner, Mapping) and inner.get("always") is not None:
            stripped, found = _without_always(context, inner)
            return Mapping(((key, stripped),), tree.span, tree.key), found
    return tree, False


def _shape_change(context: Context, body: int) -> ShapeChange:
    """Return the change of shape from the residual's input to its body's output."""
    builder = context.builder
    return compare_shapes(builder.types, builder.steps, builder.starts, context.prev[0], body)


def _guard(context: Context, body: int, change: ShapeChange, relevant: Literal["sizes", "equality", "numbers"]) -> None:
    """Record what the choice of a shortcut depends on, for specialisation to other shapes."""
    context.builder.guards.append(ShapeGuard(context.prev[0], body, change, relevant))


def _lower_identity(
    context: Context, word: str, change: ShapeChange, layer: ResidualLayer, span: Span, body: int
) -> Bundle | None:
    """Return the residual's input itself if it fits, None for one that is dropped; raise RES001 or RES002 otherwise."""
    merge, _ = _merge_of(layer)
    if merge == "multiply" or (merge == "concat" and (change.same_size or not change.comparable)):
        return context.prev
    if change.none:
        return context.prev
    # Of sizes that nothing relates only the merge can say whether they fit; kinds and channels decide without them.
    unrelated = change.strides is None and change.same_channels
    if word == "identity_if_same" and not (change.comparable and unrelated):
        before, after = context.type_of(context.prev[0]), context.type_of(body)
        reason = str(change) if change.comparable else f"{_form(before)} → {_form(after)}"
        decision = Decision("dropped", context.segment.prefix, "identity", reason, layer.span)
        context.builder.decisions.append(decision)
        return None
    if not change.comparable or change.strides is None:
        return context.prev
    if not change.same_size:
        message = f"an identity shortcut beside a body with {change}"
        raise LoweringError(
            "RES002", message, span, "use `shortcut: projection`, or a shortcut of your own with this stride"
        )
    message = f"an identity shortcut beside a body that changes its {change}"
    raise LoweringError("RES001", message, span, "use `shortcut: projection`, or make the channels equal")


def _form(value: ValueType) -> str:
    """Return the kind and the rank of a value, which do not depend on its sizes."""
    return f"{value.kind} of rank {len(value.shape)}"


def _block_shortcut(context: Context, value: BlockValue, call: CallLayer, body: int, always: bool) -> Bundle:
    """Lower a shortcut block.

    One with the parameters channels and stride gets those of the body, and is left out where neither changes.
    """
    supplied: ShortcutArguments | None = None
    block, change = value.definition, _shape_change(context, body)
    if isinstance(block, BlockDefinition) and block.takes("channels", "stride"):
        if change.none and not always:
            _guard(context, body, change, "equality")
            return context.prev
        _guard(context, body, change, "numbers")
        try:
            supplied = ShortcutArguments(_matching_arguments(change, call), "always" if change.none else str(change))
        except LoweringError as problem:
            problem.causes = differences_between(context, context.prev[0], body)
            raise
    first = len(context.builder.steps)
    inner = with_defaults(context, call.defaults) if call.defaults is not None else context
    if call.source is not None:
        inner = inner.with_value((references.resolve_one(context, call.source),))
        call = call.model_copy(update={"source": None})
    # Taken even where the shortcut has a name, as by every named layer.
    position = str(context.segment.take())
    name = interpolate_text(context, call.name, call.span) if call.name else None
    segment = name or position
    resolved = inner.replace(scope={**inner.scope, **_resolved(call, value)})
    bundle, exports = lower_call_with(resolved, call, segment, supplied or NO_ARGUMENTS)
    if name:
        references.define(
            context, name, NamedValue(bundle, name, call.span, None, exports), span_of(call.name, call.span)
        )
    if supplied is not None:
        steps = (first, len(context.builder.steps))
        decision = Decision("inserted", context.path(segment), block.name, supplied.reason, call.span, steps)
        context.builder.decisions.append(decision)
    return bundle


def _resolved(call: CallLayer, value: BlockValue) -> dict[str, Any]:
    """Return a scope that binds the callee's name to the block that it was resolved to (a default, a parameter)."""
    return {call.callee.text: value} if isinstance(call.callee, Scalar) else {}


def _matching_arguments(change: ShapeChange, call: CallLayer) -> tuple[tuple[str, Any], ...]:
    """Return the channels and stride that make a shortcut's block fit the body; raise RES002 where none do."""
    strides = change.strides
    if strides is None or not change.agree:
        message = "the body's stride is not known, so no shortcut can be fitted to it"
        raise LoweringError("RES002", message, call.span, "write a shortcut of your own, as a list of layers")
    # The body upsamples: a convolution's stride cannot be below one.
    if any(s.denominator != 1 for s in strides):
        shown = ", ".join(str(s) for s in strides)
        message = f"the body's stride is {shown}, which no projection can match"
        raise LoweringError("RES002", message, call.span, "write a shortcut of your own, as a list of layers")
    whole = tuple(int(s) for s in strides) or (1,)
    stride = whole[0] if len(set(whole)) == 1 else whole
    return (("channels", change.channels[1]), ("stride", stride))
