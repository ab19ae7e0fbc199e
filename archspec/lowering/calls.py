"""One op or one block used: who is meant, with what arguments, on what values, under what key."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.graph import Call, Node, Origin
from archspec.ir.parameters import show
from archspec.ir.types import UNKNOWN
from archspec.language.layers import CallLayer
from archspec.language.symbols import Block, OpDefinition
from archspec.language.vocabulary import ROLES
from archspec.lowering import steps
from archspec.lowering.bind import Written, given, op_attributes
from archspec.lowering.bodies import body_of
from archspec.lowering.context import Bundle, Context, LoweredLayer
from archspec.lowering.defaults import role_value
from archspec.lowering.dispatch import lower_kind
from archspec.lowering.evaluate import as_block, block_value, find_definition, is_block_like
from archspec.lowering.ports import block_inputs, op_inputs
from archspec.lowering.problem import Problem, Suppressed
from archspec.lowering.sharing import shares_of
from archspec.lowering.tensors import check_initial, initial_of, keys_of
from archspec.lowering.values import DEFAULT, BlockValue, Word
from archspec.source import Mapping, Scalar, Tree

WIDE = 16  # values that a step may join or make before it counts for more than one


class Handed(Struct, frozen=True):
    """What the compiler hands to a shortcut's block, and why it is there."""

    arguments: tuple[tuple[str, Any], ...] = ()
    reason: str = ""


NOTHING_HANDED = Handed()


def callee_of(context: Context, layer: CallLayer) -> BlockValue:
    """The block or op that a layer uses: a parameter of that name, a default's role, or a definition."""
    value = meant_by(context, layer)
    if isinstance(value, Word):
        raise Problem("SPC002", f"{value.word} is a kind of shortcut, not a layer", layer.callee.span)
    return value


def meant_by(context: Context, layer: CallLayer) -> BlockValue | Word:
    """The same where a kind of shortcut (none, identity_if_same) may stand too."""
    tree = layer.callee
    if isinstance(tree, Mapping) or "block" not in _written_as(layer):
        value = block_value(context, tree) if isinstance(tree, Mapping) else _word(context, tree)
    else:
        value = block_value(context, tree)
    return _role_of(context, tree) if value == DEFAULT else value


def _written_as(layer: CallLayer) -> str:
    key = layer.callee.key
    return key.text if key is not None else ""


def _word(context: Context, tree: Scalar) -> BlockValue | Word:
    name = tree.text
    given_value = context.scope.get(name)
    if given_value is not None and is_block_like(given_value) and not _is_plain_text(context, given_value):
        return as_block(context, given_value, tree.span)
    if name in ROLES[:2]:
        return DEFAULT
    return BlockValue(find_definition(context, name, tree.span))


def _is_plain_text(context: Context, value: Any) -> bool:
    """A text parameter that happens to share its name with an op, and names no block itself."""
    return (
        isinstance(value, str)
        and value != "default"
        and context.lowering.definitions.find(value, context.in_library) is None
    )


def _role_of(context: Context, tree: Scalar | Mapping) -> BlockValue | Word:
    name = tree.text if isinstance(tree, Scalar) else ""
    if name not in ROLES:
        hint = "`default` means what the parameter norm, act or shortcut stands for; name the parameter so"
        raise Problem("SPC005", f"there is no default named {name}", tree.span, hint)
    return role_value(context, name)


@lower_kind.register
def lower_call(layer: CallLayer, context: Context, segment: str) -> LoweredLayer:
    """Lower one use of an op or block; its values and what it exports."""
    return lower_call_with(context, layer, segment, NOTHING_HANDED)


def lower_call_with(context: Context, layer: CallLayer, segment: str, handed: Handed) -> LoweredLayer:
    """Lower one use of an op or block that the compiler gives arguments."""
    value = callee_of(context, layer)
    written = Written(layer.span, layer.arguments, layer.main)
    if isinstance(value.definition, OpDefinition):
        return _lower_op(context, layer, value, written, segment, handed), {}
    return _lower_block(context, layer, value, written, segment, handed)


def _lower_op(
    context: Context, layer: CallLayer, value: BlockValue, written: Written, segment: str, handed: Handed
) -> Bundle:
    definition = value.definition
    assert isinstance(definition, OpDefinition)
    try:
        inputs, written = op_inputs(context, layer, definition, written)
    except Problem as problem:
        context.lowering.report(problem)
        given(context, definition, value.arguments, Written(layer.span, written.arguments), {})
        raise Suppressed from None
    values, trees = given(context, definition, value.arguments, written, dict(handed.arguments))
    op = definition.op(**op_attributes(definition, values, layer.span))
    path = steps.claim_path(context, layer, segment, leaf=layer.keys is None)
    node = Node(
        op=op,
        inputs=inputs,
        outputs=steps.infer(context, op, inputs, layer.span, trees, _role(layer)),
        scope=path,
        origin=Origin(layer.span, handed.reason, _places(context, layer, trees)),
        keys=keys_of(context, layer, op),
        init=initial_of(context, layer),
        share=shares_of(context, layer),
    )
    if layer.init is not None and all(t.known for t in node.outputs):
        types = tuple(UNKNOWN if v is None else context.type_of(v) for v in inputs)
        for wrong in check_initial(layer, op, op.tensors(types)):
            context.lowering.report(wrong)
    context.lowering.step_made(layer.span, 1 + (len(node.inputs) + len(node.outputs)) // WIDE)
    return context.builder.add(node)


def _role(layer: CallLayer) -> str:
    return layer.callee.text if isinstance(layer.callee, Scalar) and layer.callee.text in ROLES else ""


def _places(context: Context, layer: CallLayer, trees: dict[str, Tree]) -> tuple[tuple[str, Span], ...]:
    """Where the arguments are written; `from` among them, which a branch's first layer has from the branch."""
    begins = context.start_from if context.prev is context.start else None
    chosen = layer.source.span if layer.source is not None else begins
    places = [(name, tree.span) for name, tree in trees.items()]
    return tuple(sorted(places if chosen is None else [("from", chosen), *places]))


def _lower_block(
    context: Context, layer: CallLayer, value: BlockValue, written: Written, segment: str, handed: Handed
) -> LoweredLayer:
    block = value.definition
    assert isinstance(block, Block)
    for word in ("init", "keys"):
        if getattr(layer, word) is not None:
            raise Problem(
                "SPC001", f"{word} belongs to an op; {block.name} is a block", layer.span, "put it inside the block"
            )
    values, trees = given(context, block, value.arguments, written, dict(handed.arguments))
    inputs, widths = block_inputs(context, layer, block)
    path = steps.claim_path(context, layer, segment, leaf=True)
    body = body_of(context, block, values, inputs, widths, layer.span, trees)
    origin = Origin(layer.span, handed.reason, _places(context, layer, trees))
    shown = tuple(sorted((name, show(v)) for name, v in values.items()))
    call = Call(body, inputs, path, origin, shares_of(context, layer, block=True), shown)
    return steps.add_call(context, call)
