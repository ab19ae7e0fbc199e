"""One op or one block used: who is meant, with what arguments, on what values, under what key."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import Struct

from archspec.diagnostics import Cause, Span
from archspec.ir.graph import Call, Node, Origin
from archspec.ir.op import Op, ShapeError
from archspec.ir.parameters import show
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.free_names import names_of
from archspec.language.layers import CallLayer, Layer
from archspec.language.nodes import place_of
from archspec.language.symbols import Block, OpDefinition, op_definition
from archspec.language.vocabulary import ROLES
from archspec.lowering.bind import Written, given, op_attributes
from archspec.lowering.bodies import body_of
from archspec.lowering.context import Bundle, Context
from archspec.lowering.defaults import role_causes, role_value
from archspec.lowering.evaluate import as_block, block_value, find_definition, is_block_like
from archspec.lowering.module_names import reason
from archspec.lowering.ports import block_inputs, op_inputs
from archspec.lowering.problem import Problem, Suppressed
from archspec.lowering.shape_provenance import causes_of
from archspec.lowering.sharing import shares_of
from archspec.lowering.tensors import check_initial, initial_of, keys_of
from archspec.lowering.values import DEFAULT, BlockValue, Word
from archspec.source import Mapping, Scalar, Tree
from archspec.source.limits import DIMENSION

LONGEST_PATH, MOST_SEGMENTS = 255, 32
WIDE = 16  # values that a step may join or make before it counts for more than one
Result = tuple[Bundle, dict[str, Bundle]]


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


def lower_call(context: Context, layer: CallLayer, segment: str, handed: Handed | None = None) -> Result:
    """Lower one use of an op or block; its values and what it exports."""
    value = callee_of(context, layer)
    handed = handed or NOTHING_HANDED
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
    path = claim_path(context, layer, segment, leaf=layer.keys is None)
    node = Node(
        op=op,
        inputs=inputs,
        outputs=infer(context, op, inputs, layer.span, trees, _role(layer)),
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


def claim_path(context: Context, layer: Layer, segment: str, leaf: bool) -> str:
    """The full path of a layer within its body, taken for it."""
    path, span = context.path(segment), place_of(layer.name, layer.span)
    fault = _fault_of(path)
    if fault is not None:
        raise Problem("SPC010", fault[0], span, fault[1])
    context.builder.claim(path, span, leaf)
    return path


@lru_cache(maxsize=1024)
def _fault_of(path: str) -> tuple[str, str] | None:
    """What is wrong with a path, and what to do; asked of the same paths in every block."""
    parts = path.split(".")
    if len(path) > LONGEST_PATH or len(parts) > MOST_SEGMENTS:
        message = f"a name of {len(path):,} characters in {len(parts)} parts"
        return message, f"at most {LONGEST_PATH} characters and {MOST_SEGMENTS} parts"
    for part in parts:
        why = reason(part)
        if why:
            return f"a layer cannot be named {part}", f"{why}; call the layer {part.strip('_')}_layer, say"
        if not part:
            return f"the name {path} has an empty part", "names are words joined by single dots"
    return None


def infer(
    context: Context, op: Op, inputs: tuple[int | None, ...], span: Span, trees: dict[str, Tree], role: str = ""
) -> tuple[ValueType, ...]:
    """The output types of an op here; unknown where an input is, or where the op cannot take its inputs.

    `role` is the word that the op stands for (norm, act), if it is one.
    """
    known = context.builder.types
    types = tuple([UNKNOWN if v is None else known[v] for v in inputs])
    for item, value in zip(types, inputs, strict=True):
        if value is not None and not item.known:
            return (UNKNOWN,)
    try:
        outputs = op.infer(types, context.lowering.check)
    except ShapeError as error:
        causes = (*role_causes(context, role), *causes_of(context, error.code, inputs))
        context.lowering.report(_shape_problem(error, span, trees, causes))
        return (UNKNOWN,)
    for size in (d for t in outputs for d in t.shape):
        if isinstance(size, int) and size > DIMENSION:
            message = f"{op.kind} would give a dimension of {size:,}"
            place = next((tree.span for name, tree in trees.items() if getattr(op, name, None) == size), span)
            context.lowering.report(Problem("LIM007", message, place, f"a dimension is at most {DIMENSION:,}"))
            return (UNKNOWN,)
    return outputs


def _role(layer: CallLayer) -> str:
    return layer.callee.text if isinstance(layer.callee, Scalar) and layer.callee.text in ROLES else ""


def _shape_problem(error: ShapeError, span: Span, trees: dict[str, Tree], causes: tuple[Cause, ...]) -> Problem:
    """What an op's rule found, at the argument that it names where that is written."""
    tree = trees.get(error.argument or "")
    if tree is None:
        return Problem(error.code, error.message, span, error.hint, causes)
    return Problem(error.code, error.message, tree.span, error.hint, causes).blaming(names_of(tree))


def _places(context: Context, layer: CallLayer, trees: dict[str, Tree]) -> tuple[tuple[str, Span], ...]:
    """Where the arguments are written; `from` among them, which a branch's first layer has from the branch."""
    begins = context.start_from if context.prev is context.start else None
    chosen = layer.source.span if layer.source is not None else begins
    places = [(name, tree.span) for name, tree in trees.items()]
    return tuple(sorted(places if chosen is None else [("from", chosen), *places]))


def insert_op(
    context: Context, kind: str, inputs: Bundle, attributes: dict[str, Any], span: Span, name: str, why: str = ""
) -> Bundle:
    """Add an op that structure stands for (a merge), outside the count of positions."""
    definition = op_definition(kind)
    assert definition is not None
    op = definition.op(**attributes)
    path = context.builder.free_path(context.path(name))
    context.builder.claim(path, span, leaf=True)
    outputs = infer(context, op, inputs, span, {})
    context.lowering.step_made(span)
    return context.builder.add(Node(op, inputs, outputs, path, Origin(span, why)))


def _lower_block(
    context: Context, layer: CallLayer, value: BlockValue, written: Written, segment: str, handed: Handed
) -> Result:
    block = value.definition
    assert isinstance(block, Block)
    for word in ("init", "keys"):
        if getattr(layer, word) is not None:
            raise Problem(
                "SPC001", f"{word} belongs to an op; {block.name} is a block", layer.span, "put it inside the block"
            )
    values, trees = given(context, block, value.arguments, written, dict(handed.arguments))
    inputs, widths = block_inputs(context, layer, block)
    path = claim_path(context, layer, segment, leaf=True)
    body = body_of(context, block, values, inputs, widths, layer.span, trees)
    origin = Origin(layer.span, handed.reason, _places(context, layer, trees))
    shown = tuple(sorted((name, show(v)) for name, v in values.items()))
    call = Call(body, inputs, path, origin, shares_of(context, layer, block=True), shown)
    return added(context, call)


def added(context: Context, call: Call) -> Result:
    """Append a call; its values and what it exports."""
    made, body = context.builder.add(call), call.body
    exports = {name: made[first : first + count] for name, first, count in body.exports}
    return made[: body.main], exports
