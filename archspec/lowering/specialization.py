"""Bodies lowered for one shape and specialised to others: shape inference runs again over the same steps, nothing else.

In DenseNet every layer takes another number of channels, so no two share a body. Yet names, arguments, references and
keys come out the same each time. A body is *generic* where nothing but its types depends on the shapes that it is
given. The first one then serves as a template, and each further one costs one call of `infer` for each step.

What could depend on shapes, and why a specialised body is what lowering would give:

- expressions: a generic block mentions none of SHAPE_NAMES, and arguments are part of the BlockUse;
- shortcuts: the ShapeChange that chose one is kept as a guard, and must come out the same;
- errors: where an op or a guard refuses, there is no specialised body, and the block is lowered as a whole;
- ports, references, kept grids and initialisation depend on kinds and ranks alone, which must be those of the template.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from archspec.diagnostics import Span
from archspec.ir.graph import Body, Call, Node
from archspec.ir.op import ShapeError, raise_unless
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.expressions import identifiers_in
from archspec.language.free_names import free_names
from archspec.language.symbols import BlockDefinition
from archspec.lowering.cache import NO_WORK, LoweredBody, LoweringWork
from archspec.lowering.context import BlockUse, Lowering
from archspec.source import Mapping, Scalar, Sequence
from archspec.source.limits import DIMENSION

Types = tuple[ValueType, ...]
SHAPE_NAMES = frozenset({"in_channels", "in_shape"})


def find_body(lowering: Lowering, use: BlockUse, types: Types, span: Span) -> Body | None:
    """Return the body of a use for these input types, lowered before or specialised, counting its work; else None."""
    lowered = lowering.bodies.get((use, types))
    if lowered is not None:
        # Nor can a body be kept for other runs that calls one which cannot, though its findings are reported already.
        lowering.uncacheable += not lowered.is_cacheable
        lowering.limits.count_body(span, LoweringWork(lowered.weight))
        return lowered.body
    lowered = _take_over(lowering, use, types)
    if lowered is None:
        return None
    lowering.limits.count_body(span, lowered.work)
    return lowered.body


def _take_over(lowering: Lowering, use: BlockUse, types: Types) -> LoweredBody | None:
    """Return a body that is new to this run: from the cache of earlier runs, or specialised; None if neither works."""
    key = (use, types)
    lowered = lowering.cache.get(key)
    if lowered is None:
        lowered = _specialize(lowering, use, types)
        if lowered is None:
            return None
        lowering.cache.put(key, lowered)
    lowering.add_body(use, types, lowered)
    return lowered


def _specialize(lowering: Lowering, use: BlockUse, types: Types) -> LoweredBody | None:
    template = lowering.templates.get(use)
    # With another check (lower_any_size) failures of sizes pass, and do not show that a template is wrong.
    if template is None or template.guards is None or lowering.check is not raise_unless:
        return None
    pattern, work = template.body, template.own_work
    if not _have_same_form(pattern.inputs, types):
        return None
    known = list(types)
    steps: list[Node | Call] = []
    for step in pattern.steps:
        given = tuple([UNKNOWN if value is None else known[value] for value in step.inputs])
        made: Node | Call | None
        if isinstance(step, Node):
            made = _retype_node(step, given)
        else:
            made, inner_work = _retype_call(lowering, step, given)
            work += inner_work
        if made is None or not _have_same_form(step.outputs, made.outputs):
            return None
        steps.append(made)
        known.extend(made.outputs)
    if template.guards:
        # DenseNet's case: channels differ and sizes do not, so that strides need not be computed again.
        same_sizes = all(new.spatial == old.spatial for new, old in zip(known, pattern.types, strict=True))
        if not all(guard.holds(known, steps, pattern.starts, same_sizes) for guard in template.guards):
            return None
    body = Body(
        pattern.block,
        pattern.ports,
        types,
        tuple(steps),
        pattern.outputs,
        pattern.main,
        pattern.exports,
        pattern.decisions,
        pattern.span,
    )
    return LoweredBody(body, template.weight, work, template.own_work, template.guards)


def _retype_node(node: Node, given: Types) -> Node | None:
    try:
        outputs = node.op.infer(given, raise_unless)
    except ShapeError:
        return None
    # A size above the limit is reported where the block is lowered as a whole.
    for value in outputs:
        for size in value.shape:
            if isinstance(size, int) and size > DIMENSION:
                return None
    return Node(node.op, node.inputs, outputs, node.scope, node.origin, node.keys)


def _retype_call(lowering: Lowering, call: Call, given: Types) -> tuple[Call | None, LoweringWork]:
    """Return a call of the same use with other types, whose body may be specialised in turn, and its work."""
    use = lowering.uses.get(id(call.body))
    # The body of a network used as a layer: it belongs to a run of its own.
    if use is None:
        return None, NO_WORK
    lowered = lowering.bodies.get((use, given))
    known = lowered is not None
    lowered = lowered or _take_over(lowering, use, given)
    if lowered is None or not lowered.is_cacheable:
        return None, NO_WORK
    # A body met before counts its layers alone, as a second call of it does in lowering.
    made = Call(lowered.body, call.inputs, call.scope, call.origin, (), call.arguments)
    return made, LoweringWork(lowered.weight) if known else lowered.work


def _have_same_form(before: Types, after: Types) -> bool:
    """Return whether types agree in all but their sizes, and are all known."""
    if len(before) != len(after):
        return False
    for old, new in zip(before, after, strict=True):
        if (
            new.kind != old.kind
            or new.kind == "unknown"
            or len(new.shape) != len(old.shape)
            or new.channel_axis != old.channel_axis
            or (new.grid is None) != (old.grid is None)
        ):
            return False
    return True


def is_generic(block: BlockDefinition, body: Body) -> bool:
    """Return whether a body without findings can serve as a template for other shapes.

    Sharing and initialisation are checked against the shapes of tensors, so a body with either cannot.
    """
    return not _mentions_shape(block) and not any(
        step.share or (isinstance(step, Node) and step.init) for step in body.steps
    )


@lru_cache(maxsize=512)
def _mentions_shape(block: BlockDefinition) -> bool:
    """Return whether an expression of the block may read its input's shape."""
    return not SHAPE_NAMES.isdisjoint(_names_in(block.model))


def _names_in(part: Any) -> Iterator[str]:
    """Yield every name that a part of a block's model mentions: its expressions', and perhaps more."""
    if isinstance(part, (Scalar, Sequence, Mapping)):
        yield from free_names(part)
    elif isinstance(part, str):
        yield from identifiers_in(part)
    elif isinstance(part, BaseModel):
        for name, value in part:
            if name != "span":
                yield from _names_in(value)
    elif isinstance(part, dict):
        for value in part.values():
            yield from _names_in(value)
    elif isinstance(part, tuple):
        for item in part:
            yield from _names_in(item)
