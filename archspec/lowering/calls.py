"""Lower calls of ops and blocks: the callee, its arguments, its inputs and its path in the module tree."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.graph import Call, Node, Origin
from archspec.ir.parameters import show
from archspec.language.layers import STRUCTURE, CallLayer
from archspec.language.symbols import BlockDefinition, OpDefinition
from archspec.language.vocabulary import LAYER_ROLES, ROLES
from archspec.lowering import steps
from archspec.lowering.bind import CallArguments, bind_arguments, require_arguments
from archspec.lowering.bodies import lower_body
from archspec.lowering.context import Bundle, Context, LoweredLayer
from archspec.lowering.defaults import resolve_role
from archspec.lowering.dispatch import lowers
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import as_block, evaluate_block, find_definition, is_block_like
from archspec.lowering.ports import block_inputs, op_inputs
from archspec.lowering.sharing import parse_share
from archspec.lowering.tensors import parse_init, parse_keys
from archspec.lowering.values import DEFAULT, BlockValue, Keyword
from archspec.source import Mapping, Scalar, Tree

WIDE_STEP = 16  # values that a step may join or make before it counts for more than one


class ShortcutArguments(Struct, frozen=True):
    """The arguments that the compiler supplies to a shortcut's block, and why it inserts the block."""

    arguments: tuple[tuple[str, Any], ...] = ()
    reason: str = ""


NO_ARGUMENTS = ShortcutArguments()


def resolve_callee(context: Context, layer: CallLayer) -> BlockValue:
    """Return the block or op that a layer calls: the value of a parameter, a role of the defaults, or a definition."""
    value = resolve_callee_or_keyword(context, layer)
    if isinstance(value, Keyword):
        raise LoweringError("SPC002", f"{value.word} is a kind of shortcut, not a layer", layer.callee.span)
    return value


def resolve_callee_or_keyword(context: Context, layer: CallLayer) -> BlockValue | Keyword:
    """Return the callee, or one of the shortcut keywords (none, identity_if_same), which only a shortcut may be."""
    tree = layer.callee
    if isinstance(tree, Mapping) or "block" not in _written_as(layer):
        value = evaluate_block(context, tree) if isinstance(tree, Mapping) else _word(context, tree)
    else:
        value = evaluate_block(context, tree)
    return _role_of(context, tree) if value == DEFAULT else value


def _written_as(layer: CallLayer) -> str:
    key = layer.callee.key
    return key.text if key is not None else ""


def _word(context: Context, tree: Scalar) -> BlockValue | Keyword:
    name = tree.text
    given_value = context.scope.get(name)
    if given_value is not None and is_block_like(given_value) and not _is_plain_text(context, given_value):
        return as_block(context, given_value, tree.span)
    if name in LAYER_ROLES:
        return DEFAULT
    return BlockValue(find_definition(context, name, tree.span, (*LAYER_ROLES, *STRUCTURE)))


def _is_plain_text(context: Context, value: Any) -> bool:
    """Return whether a parameter holds a text that names no block; an op of the parameter's name is then meant."""
    return isinstance(value, str) and value != "default" and context.definitions.find(value, context.in_library) is None


def _role_of(context: Context, tree: Scalar | Mapping) -> BlockValue | Keyword:
    name = tree.text if isinstance(tree, Scalar) else ""
    if name not in ROLES:
        hint = "`default` means what the parameter norm, act or shortcut stands for; name the parameter so"
        raise LoweringError("SPC005", f"there is no default named {name}", tree.span, hint)
    return resolve_role(context, name)


@lowers(CallLayer)
def lower_call(layer: CallLayer, context: Context, segment: str) -> LoweredLayer:
    """Lower one call of an op or block."""
    return lower_call_with(context, layer, segment, NO_ARGUMENTS)


def lower_call_with(context: Context, layer: CallLayer, segment: str, supplied: ShortcutArguments) -> LoweredLayer:
    """Lower one call of an op or block, with arguments that the compiler supplies."""
    value = resolve_callee(context, layer)
    written = CallArguments(layer.span, layer.arguments, layer.main)
    if isinstance(value.definition, OpDefinition):
        return _lower_op(context, layer, value, written, segment, supplied), {}
    return _lower_block(context, layer, value, written, segment, supplied)


def _lower_op(
    context: Context,
    layer: CallLayer,
    value: BlockValue,
    written: CallArguments,
    segment: str,
    supplied: ShortcutArguments,
) -> Bundle:
    definition = value.definition
    assert isinstance(definition, OpDefinition)
    try:
        inputs, written = op_inputs(context, layer, definition, written)
    except LoweringError as problem:
        # The inputs failed. The arguments are evaluated all the same, so that their mistakes are reported as well.
        context.lowering.report(problem)
        bind_arguments(context, definition, value.arguments, CallArguments(layer.span, written.arguments), {})
        raise Suppressed from None
    values, trees = bind_arguments(context, definition, value.arguments, written, dict(supplied.arguments))
    op = definition.op(**require_arguments(definition, values, layer.span))
    # A layer with renamed tensors has no module: they are the parent's (docs/decisions/0005-renamed-tensors.md).
    path = steps.claim_path(context, layer, segment, leaf=layer.keys is None)
    node = Node(
        op=op,
        inputs=inputs,
        outputs=steps.infer(context, op, inputs, layer.span, trees, _role(layer)),
        scope=path,
        origin=Origin(layer.span, supplied.reason, _places(context, layer, trees)),
        keys=parse_keys(context, layer, op) if layer.keys is not None else (),
        init=parse_init(context, layer) if layer.init is not None else (),
        share=parse_share(context, layer) if layer.share is not None else (),
    )
    if _has_nothing_to_join(node):
        return tuple(value for value in inputs if value is not None)
    # Which tensors there are is known once the body is finished: `bias: auto` depends on the layer's readers.
    if layer.init is not None or layer.keys is not None:
        context.builder.named_tensors[len(context.builder.steps)] = layer
    context.lowering.limits.count_step(layer.span, 1 + (len(node.inputs) + len(node.outputs)) // WIDE_STEP)
    return context.builder.add(node)


def _has_nothing_to_join(node: Node) -> bool:
    """Return whether an op that joins values has one alone, which then is the result in place of a step.

    The layer keeps its position and its path, so that the keys of others stay the same.
    """
    # A join has no tensors: that it names some is an error, which the finished body reports of its steps.
    return len(node.inputs) == 1 and bool(node.op.ports) and node.op.ports[0].variadic and not (node.init or node.share)


def _role(layer: CallLayer) -> str:
    return layer.callee.text if isinstance(layer.callee, Scalar) and layer.callee.text in ROLES else ""


def _places(context: Context, layer: CallLayer, trees: dict[str, Tree]) -> tuple[tuple[str, Span], ...]:
    """Return where each argument is written, `from` included: the first layer of a branch has that of the branch."""
    begins = context.start_from if context.prev is context.start else None
    chosen = layer.source.span if layer.source is not None else begins
    if not trees and chosen is None:
        return ()
    places = [(name, tree.span) for name, tree in trees.items()]
    return tuple(sorted(places if chosen is None else [("from", chosen), *places]))


def _lower_block(
    context: Context,
    layer: CallLayer,
    value: BlockValue,
    written: CallArguments,
    segment: str,
    supplied: ShortcutArguments,
) -> LoweredLayer:
    block = value.definition
    assert isinstance(block, BlockDefinition)
    for word in ("init", "keys"):
        if getattr(layer, word) is not None:
            raise LoweringError(
                "SPC001", f"{word} belongs to an op; {block.name} is a block", layer.span, "put it inside the block"
            )
    values, trees = bind_arguments(context, block, value.arguments, written, dict(supplied.arguments))
    inputs, widths = block_inputs(context, layer, block)
    path = steps.claim_path(context, layer, segment, leaf=True)
    body = lower_body(context, block, values, inputs, widths, layer.span, trees)
    origin = Origin(layer.span, supplied.reason, _places(context, layer, trees))
    shown = tuple(sorted((name, show(v)) for name, v in values.items()))
    call = Call(body, inputs, path, origin, parse_share(context, layer, block=True), shown)
    return steps.add_call(context, call)
