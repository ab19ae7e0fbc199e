"""Lower a list of layers, one after the other: repeats, conditions, names, and recovery from failures."""

from __future__ import annotations

from typing import Any

from archspec.language.layers import (
    BrokenLayer,
    CallLayer,
    Layer,
    SlotLayer,
)
from archspec.language.nodes import span_of
from archspec.lowering import references
from archspec.lowering.context import Bundle, Context, Frame, NamedValue, Omission, SlotValue, SymbolTable
from archspec.lowering.dispatch import is_structure, lower_kind, segment_of
from archspec.lowering.error_recovery import possible_reads
from archspec.lowering.errors import LimitExceeded, LoweringError, Suppressed
from archspec.lowering.evaluate import evaluate_flag, interpolate_text, read_layers
from archspec.lowering.repeats import lower_repeated


def lower_layers(context: Context, layers: tuple[Any, ...]) -> Bundle:
    """Lower each layer on the value of the one before and return the last value; that of a failed layer is unknown."""
    context = context.replace(lists=(*context.lists, layers))
    prev = context.prev
    for layer in layers:
        try:
            prev = lower_layer(context.with_value(prev), layer)
        # A limit is an error of the run, not of this layer: lowering must not go on behind it.
        except LimitExceeded:
            raise
        except (LoweringError, Suppressed) as problem:
            if isinstance(problem, LoweringError):
                context.lowering.report(problem)
            reads = problem.reads if isinstance(problem, LoweringError) else ()
            prev = _unknown(context.with_value(prev), layer, reads)
    return prev


def _unknown(context: Context, layer: Any, reads: Bundle) -> Bundle:
    """Append a placeholder for a layer that failed and return its value.

    Its type is unknown, and a layer that reads an unknown value is unknown without a report: one mistake, one finding.
    The layer's name is defined, so that references to it are no errors either.
    """
    context.lowering.limits.count_failure(layer.span)
    path = context.builder.free_path(context.path("unknown"))
    placeholder = context.builder.add_unknown(path, layer.span, reads or possible_reads(context, layer))
    name = getattr(layer, "name", None)
    # A computed name is left out: it may be what failed. A name that two layers have means neither from here on.
    if name and "${" in name:
        context.builder.unknown_names.append(name)
    elif name:
        context.names.known[name] = NamedValue(placeholder, name, layer.span)
    return placeholder


def lower_layer(context: Context, layer: Any) -> Bundle:
    """Lower one layer with its `when` and `repeat`."""
    if type(layer) is CallLayer and layer.repeat is None and not context.iteration:
        return _lower_single(context, layer)  # as nearly all are
    if isinstance(layer, SlotLayer):
        return _lower_slot(context, layer)
    if isinstance(layer, BrokenLayer):
        raise Suppressed
    assert isinstance(layer, Layer)
    if layer.repeat is None:  # in a sequence's later turn, too, a layer of its own is its only and first one
        return _lower_single(context.replace(iteration=0) if context.iteration else context, layer)
    return lower_repeated(context, layer)


def _lower_slot(context: Context, layer: SlotLayer) -> Bundle:
    value = context.scope.get(layer.slot.text)
    if not isinstance(value, SlotValue):
        if value == ():
            return context.prev
        hint = "declare it: `params: {" + layer.slot.text + ": {type: layers, default: []}}`"
        raise LoweringError("SPC005", f"{layer.slot.text} is not a parameter that holds layers", layer.slot.span, hint)
    # The layers see the names, role defaults and scope of the place where they are written, but no values of either
    # place: a body's inputs are its ports alone (docs/decisions/0006-slots.md).
    inner = context.replace(
        definitions=value.context.definitions,
        scope=value.context.scope,
        in_library=value.context.in_library,
        defaults=value.context.defaults,
        names=SymbolTable(parent=None, known={}),
        lists=(),
        in_slot=True,
    )
    frames = context.lowering.frames
    frames.append(Frame(layer.slot.text, layer.slot.span, context.in_library, slot=True))
    try:
        return lower_layers(inner, read_layers(value.tree))
    finally:
        frames.pop()


def _lower_single(context: Context, layer: Layer) -> Bundle:
    is_left_out = layer.when is not None and not evaluate_flag(context, layer.when, "when")
    # A computed name may be empty, which is no name.
    name = interpolate_text(context, layer.name, layer.span) or None if layer.name else None
    if is_left_out:
        if name:
            # A reference to it is reported as left out, not as misspelt.
            context.names.omitted[name] = Omission("`when`")
        return context.prev
    segment = name if is_structure(layer) else segment_of(context, name)
    bundle, exports = lower_kind(context, layer, segment)
    if name:
        references.define(
            context, name, NamedValue(bundle, name, layer.span, None, exports), span_of(layer.name, layer.span)
        )
    return bundle
