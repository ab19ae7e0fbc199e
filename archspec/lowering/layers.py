"""A list of layers, one after the other: repeats, conditions, names, and what is done when one fails."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from archspec.diagnostics import Cause, Span
from archspec.ir.graph import join
from archspec.ir.op import Op
from archspec.language.expressions import names_in
from archspec.language.layers import (
    BranchesLayer,
    BrokenLayer,
    CallLayer,
    Layer,
    NetworkLayer,
    ResidualLayer,
    SequenceLayer,
    SlotLayer,
)
from archspec.language.nodes import place_of
from archspec.lowering import references
from archspec.lowering.context import Bundle, Context, Frame, Named, Names, Segment
from archspec.lowering.error_recovery import may_read
from archspec.lowering.evaluate import flag, integer, read_layers, text
from archspec.lowering.problem import LimitExceeded, Problem, Suppressed
from archspec.lowering.values import SlotValue
from archspec.source import Scalar
from archspec.source.limits import REPEAT

Lowered = tuple[Bundle, dict[str, Bundle]]


def lower_layers(context: Context, layers: tuple[Any, ...]) -> Bundle:
    """Lower each layer from the value of the one before, and give the last; a failing layer gives an unknown one."""
    names = _names_in(layers)
    if not names.keys() <= context.later.keys():
        context = context.but(later={**context.later, **names})
    prev = context.prev
    for layer in layers:
        try:
            prev = lower_layer(context.at(prev), layer)
        except LimitExceeded:
            raise
        except (Problem, Suppressed) as problem:
            if isinstance(problem, Problem):
                context.lowering.report(problem)
            reads = problem.reads if isinstance(problem, Problem) else ()
            prev = _unknown(context.at(prev), layer, reads)
    return prev


def _names_in(layers: tuple[Any, ...]) -> dict[str, Span]:
    """The names that a list defines, also through structure, and where."""
    found: dict[str, Span] = {}
    for layer in layers:
        if getattr(layer, "name", None):
            found[layer.name] = layer.span
        if isinstance(layer, (ResidualLayer, SequenceLayer)):
            found.update(_names_in(layer.body))
        elif isinstance(layer, BranchesLayer):
            for branch in layer.of:
                found.update(_names_in(branch.body))
    return found


def _unknown(context: Context, layer: Any, reads: Bundle) -> Bundle:
    context.lowering.layer_failed(layer.span)
    path = context.builder.free_path(context.path("unknown"))
    placeholder = context.builder.unknown(_placeholder(), path, layer.span, reads or may_read(context, layer))
    name = getattr(layer, "name", None)
    if name and "${" not in name and context.names.find(name) is None:
        context.names.known[name] = Named(placeholder, name, layer.span)
    return placeholder


def _placeholder() -> Op:
    from archspec.ops.identity import Identity

    return Identity()


def lower_layer(context: Context, layer: Any) -> Bundle:
    """Lower one layer with its `when` and `repeat`."""
    if isinstance(layer, SlotLayer):
        return _lower_slot(context, layer)
    if isinstance(layer, BrokenLayer):
        raise Suppressed
    assert isinstance(layer, Layer)
    if layer.repeat is None:  # in a sequence's later turn, too, a layer of its own is its only and first one
        return _lower_single(context.but(iteration=0) if context.iteration else context, layer)
    return _lower_repeated(context, layer)


def _lower_slot(context: Context, layer: SlotLayer) -> Bundle:
    value = context.scope.get(layer.slot.text)
    if not isinstance(value, SlotValue):
        if value == ():
            return context.prev
        hint = "declare it: `params: {" + layer.slot.text + ": {type: layers, default: []}}`"
        raise Problem("SPC005", f"{layer.slot.text} is not a parameter that holds layers", layer.slot.span, hint)
    inner = context.but(
        scope=value.context.scope,
        in_library=value.context.in_library,
        defaults=value.context.defaults,
        names=Names(parent=None, known={}),
    )
    frames = context.lowering.frames
    frames.append(Frame(layer.slot.text, layer.slot.span, context.in_library, slot=True))
    try:
        return lower_layers(inner, read_layers(value.tree))
    finally:
        frames.pop()


def _lower_single(context: Context, layer: Layer) -> Bundle:
    if layer.when is not None and not flag(context, layer.when, "when"):
        if layer.name:
            context.names.absent[text(context, layer.name, layer.span)] = layer.span
        return context.prev
    name = text(context, layer.name, layer.span) if layer.name else None
    segment = name if is_structure(layer) else _segment(context, name)
    bundle, exports = _lower_kind(context, layer, segment)
    if name:
        define(context, name, Named(bundle, name, layer.span, None, exports), place_of(layer.name, layer.span))
    return bundle


def _segment(context: Context, name: str | None) -> str:
    """The segment of an op or block: its name, else its position; named ones hold a position too."""
    position = str(context.segment.take())
    return position if name is None else name


def _lower_repeated(context: Context, layer: Layer) -> Bundle:
    from archspec.lowering.again import again, turns_alike  # late, like what lowers each kind of layer

    assert layer.repeat is not None
    count = integer(context, layer.repeat, "repeat")
    if count > REPEAT:
        raise too_many(count, layer.repeat.span)
    variable = layer.variable or "index"
    counts_itself = layer.name is not None and _uses(layer.name, variable)
    position: str | None = None if is_structure(layer) else _segment(context, None)
    alike = turns_alike(layer, variable)
    merge_steps: list[Bundle] = [context.prev]
    repeats: list[Named] = []
    prev = context.prev
    for index in range(count):
        context.lowering.iteration_made(layer.span)
        turn = _counted(context, variable, index, count).but(prev=prev, iteration=index)
        if layer.when is not None and not flag(turn, layer.when, "when"):
            continue
        name = text(turn, layer.name, layer.span) if layer.name else position
        segment = name if counts_itself or name is None else f"{name}.{index}"
        if is_structure(layer):
            turn = turn.but(names=Names(parent=context.names))
        same = again(turn, layer, segment or "") if alike and index > 1 else None
        prev, exports = same or _lower_kind(turn, layer, segment)
        named = Named(prev, segment or "", layer.span, None, exports)
        repeats.append(named)
        merge_steps.append(prev)
        if layer.name and counts_itself and name:
            define(context, name, named, place_of(layer.name, layer.span))
    if isinstance(layer, SequenceLayer) and layer.merge is not None and repeats:
        prev = _merge_steps(context, layer, merge_steps)
    if layer.name and not counts_itself:
        last_exports = repeats[-1].exports if repeats else {}
        named = Named(prev, layer.name, layer.span, repeats, last_exports)
        define(context, layer.name, named, place_of(layer.name, layer.span))
    return prev


def too_many(count: int, span: Span) -> Problem:
    """What is said of a repeat above the limit."""
    return Problem(
        "LIM005", f"repeat: {count:,} is more than {REPEAT:,}", span, "repeat a block that repeats layers itself"
    )


def _merge_steps(context: Context, layer: SequenceLayer, steps: list[Bundle]) -> Bundle:
    from archspec.lowering.calls import insert_op

    assert layer.merge is not None
    values = tuple(value for bundle in steps for value in bundle)
    return insert_op(context, layer.merge, values, {}, layer.span, join(layer.name or "", layer.merge))


def _uses(name: str, variable: str) -> bool:
    """Whether a name's `${...}` mentions the loop variable."""
    inside = " ".join(part.split("}")[0] for part in name.split("${")[1:])
    return variable in names_in(inside)


def _counted(context: Context, variable: str, index: int, count: int) -> Context:
    """The scope of one turn. The spec's outermost repeats also move `block_index`."""
    names: dict[str, Any] = {variable: index, "repeat": count}
    if "block_index" in context.scope and "repeat" not in context.scope:
        names["block_index"] = context.lowering.block_index
        context.lowering.block_index += 1
    return context.with_scope(**names)


def is_structure(layer: Layer) -> bool:
    return isinstance(layer, (ResidualLayer, SequenceLayer, BranchesLayer))


def define(context: Context, name: str, named: Named, span: Span) -> None:
    """Give a value a name; names are not given twice in one body."""
    other = context.names.find(name)
    if other is not None and name not in ("x", "input"):
        cause = Cause("the other one", other.span)
        raise Problem("SPC010", f"two layers are named {name}", span, "give each a name of its own", (cause,))
    if name == "prev" or (other is not None):
        message = f"{name} always means a value of its own here; a layer cannot be named so"
        raise Problem("SPC010", message, span, "give the layer another name")
    context.names.known[name] = named


@cache
def _kinds() -> tuple[Callable[..., Any], ...]:
    """What lowers each kind of layer: imported late, because each kind of structure holds lists of layers again."""
    from archspec.lowering.branches import lower_branches
    from archspec.lowering.calls import lower_call
    from archspec.lowering.defaults import with_defaults
    from archspec.lowering.network import lower_network
    from archspec.lowering.residual import lower_residual

    return lower_branches, lower_call, with_defaults, lower_network, lower_residual


def _lower_kind(context: Context, layer: Any, segment: str | None) -> tuple[Bundle, dict[str, Bundle]]:
    """Dispatch on what kind of layer it is, with its defaults and its start."""
    lower_branches, lower_call, with_defaults, lower_network, lower_residual = _kinds()
    if layer.defaults is not None:
        context = with_defaults(context, layer.defaults)
    if isinstance(layer, (CallLayer, NetworkLayer)):
        assert segment is not None
        lowered: Lowered = (lower_network if isinstance(layer, NetworkLayer) else lower_call)(context, layer, segment)
        return lowered
    _refuse(layer)
    if layer.source is not None:
        start = references.many(context, layer.source)
        context = context.at(start)
    inner = inside(context, segment)
    if isinstance(layer, SequenceLayer):
        return lower_layers(inner, layer.body), {}
    if isinstance(layer, ResidualLayer):
        return cast(Bundle, lower_residual(inner, layer)), {}
    return cast(Bundle, lower_branches(inner, layer)), {}


def _refuse(layer: Any) -> None:
    """Structure has no weights of its own to initialise, rename or share."""
    for word in ("init", "keys", "share"):
        tree = getattr(layer, word)
        if tree is not None:
            span = tree.span if isinstance(tree, Scalar) else layer.span
            raise Problem(
                "SPC001", f"{word} belongs to an op or a block, not to structure", span, "put it on the layer inside"
            )


def inside(context: Context, segment: str | None) -> Context:
    """The context of a structure's layers: a named one opens a segment of its own, an unnamed one goes on counting."""
    if segment is None:
        return context.but(start=context.prev, start_from=None)
    return context.but(start=context.prev, start_from=None, segment=Segment(context.path(segment)))
