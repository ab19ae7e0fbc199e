"""The Body of a block for given arguments and input types, lowered once however often the block is called."""

from __future__ import annotations

from itertools import chain
from typing import Any

from archspec.diagnostics import Span
from archspec.ir.graph import Body, Node, Step
from archspec.ir.types import ValueType
from archspec.language.symbols import BlockDefinition
from archspec.lowering.bind import block_scope
from archspec.lowering.builder import BodyBuilder
from archspec.lowering.cache import LoweredBody
from archspec.lowering.context import (
    MAX_CALL_DEPTH,
    BlockUse,
    Bundle,
    Context,
    Frame,
    Lowering,
    NamedValue,
    Segment,
    SymbolTable,
)
from archspec.lowering.defaults import with_defaults
from archspec.lowering.errors import LimitExceeded, LoweringError, Suppressed
from archspec.lowering.evaluate import scalar_of
from archspec.lowering.layers import lower_layers
from archspec.lowering.parameters import evaluate_lets
from archspec.lowering.ports import ports_of, starting_port
from archspec.lowering.references import resolve_reference
from archspec.lowering.shape_change import ShapeGuard
from archspec.lowering.sharing import find_share_mismatches
from archspec.lowering.specialization import find_body, is_generic
from archspec.lowering.tensors import find_tensor_mismatches
from archspec.lowering.values import FAILED
from archspec.source import Tree

NEW_BODY = 4  # what a body costs, in turns of a repeat


def too_deep_error(lowering: Lowering, block: BlockDefinition, span: Span) -> LimitExceeded:
    """Return the error for blocks nested above the limit, which nearly always is a recursion without end."""
    if any(frame.block == block.name and not frame.slot for frame in lowering.frames):
        return LimitExceeded("GRF002", f"{block.name} is used inside itself without end", span, "end it with a `when`")
    message = f"blocks are used inside blocks more than {MAX_CALL_DEPTH} deep"
    return LimitExceeded("LIM002", message, span, "write some of their layers out")


def lower_body(
    context: Context,
    block: BlockDefinition,
    values: dict[str, Any],
    inputs: Bundle,
    widths: tuple[int, ...],
    span: Span,
    written: dict[str, Tree],
) -> Body:
    """Return the body of a block for these arguments and inputs; the same object for every equal use.

    The key is the BlockUse and the input types. It is sufficient because a block's scope holds nothing but its
    parameters and its input's type: neither names nor values of the place where it is called are visible inside.
    """
    lowering = context.lowering
    types = tuple([context.builder.types[value] for value in inputs])
    use = BlockUse(block, tuple(sorted(values.items())), widths, context.defaults)
    body = find_body(lowering, use, types, span)
    if body is not None:
        return body
    # A slot's frame is no call: its layers are written at the call, and end with the text.
    if sum(not frame.slot for frame in lowering.frames) >= MAX_CALL_DEPTH:
        raise too_deep_error(lowering, block, span)
    limits = lowering.limits
    before, inner_before = limits.work, limits.inner
    uncacheable = lowering.uncacheable
    limits.count_iteration(span, NEW_BODY)
    frame = Frame(block.name, span, context.in_library, written, context.builder, inputs, context.defaults)
    lowering.frames.append(frame)
    try:
        body, guards = _lower(context, block, values, types, widths, span)
    except LimitExceeded:
        raise
    except LoweringError as problem:  # reported here, while the frame says who uses the block
        lowering.report(problem)
        raise Suppressed from None
    finally:
        lowering.frames.pop()
    work = limits.work - before
    own_work = work - (limits.inner - inner_before)
    limits.inner = inner_before + work
    # At least 1: a body without layers takes time all the same wherever the Graph is walked.
    weight = max(1, sum([_weight(lowering, step) for step in body.steps]))
    if lowering.uncacheable != uncacheable:
        # Another use, or another run, would miss a finding or a file read.
        lowering.add_body(use, types, LoweredBody(body, weight, work, own_work, is_cacheable=False))
        return body
    lowered = LoweredBody(body, weight, work, own_work, tuple(guards) if is_generic(block, body) else None)
    lowering.add_body(use, types, lowered)
    lowering.cache.put((use, types), lowered)
    return body


def _weight(lowering: Lowering, step: Step) -> int:
    """Return how many layers a step counts for."""
    if isinstance(step, Node):
        return 1
    use = lowering.uses.get(id(step.body))
    if use is None:
        return lowering.network_weights[id(step.body)][1]
    return lowering.bodies[use, step.body.inputs].weight


def _lower(
    context: Context,
    block: BlockDefinition,
    values: dict[str, Any],
    types: tuple[ValueType, ...],
    widths: tuple[int, ...],
    span: Span,
) -> tuple[Body, list[ShapeGuard]]:
    model = block.model
    builder = BodyBuilder(block.name, tuple(ports_of(block)), types, model.span)
    names, first = _port_names(block, widths, model.span)
    inner = Context(
        lowering=context.lowering,
        definitions=block.definitions or context.definitions,
        builder=builder,
        scope=input_scope(types[first[0]]),
        in_library=block.in_library,
        defaults=context.defaults,
        names=names,
        segment=Segment(""),
        prev=first,
        start=first,
    )
    # Port types first, then parameters, lets and defaults: each may use the names of those before it.
    scope = block_scope(inner, block, block.declared, values, span)
    inner = inner.replace(scope=scope)
    inner = inner.with_scope(**evaluate_lets(inner, scope, model.let, model.let))
    inner = with_defaults(inner, model.defaults)
    main = lower_layers(inner, model.body)
    return finish_body(inner, main, _exports(inner.with_value(main), model.outputs, model.span)), builder.guards


def finish_body(context: Context, main: Bundle, exports: list[tuple[str, Bundle]]) -> Body:
    """Return the body that has been built; report shared weights that do not fit, raise if it has no result."""
    if not main:
        hint = "its last layer starts from an empty list"
        raise LoweringError("SPC009", f"{context.builder.block} gives no value", context.builder.span, hint)
    body = context.builder.freeze(main, exports)
    # Only now are all shapes known and `bias: auto` settled, which decides what tensors there are.
    for problem in chain(find_tensor_mismatches(body, context.builder.named_tensors), find_share_mismatches(body)):
        context.lowering.report(problem)
    return body


def _port_names(block: BlockDefinition, widths: tuple[int, ...], span: Span) -> tuple[SymbolTable, Bundle]:
    """Return the symbol table of a block's ports, and the values of its starting port."""
    known: dict[str, NamedValue] = {}
    value = 0
    for (name, several), width in zip(ports_of(block).items(), widths, strict=True):
        bundle = tuple(range(value, value + width))
        repeats = {place: NamedValue((v,), name, span) for place, v in enumerate(bundle)} if several else None
        known[name] = NamedValue(bundle, name, span, repeats, is_list=several)
        value += width
    return SymbolTable(known=known), known[starting_port(block)].bundle


def input_scope(first: ValueType) -> dict[str, Any]:
    """Return the names that expressions have for the input: `in_channels`, `in_shape`, `in_kind`; FAILED if unknown."""
    if not first.known:
        return dict.fromkeys(("in_channels", "in_shape", "in_kind"), FAILED)
    return {"in_channels": first.channels, "in_shape": first.shape, "in_kind": first.kind}


def _exports(context: Context, outputs: dict[str, str], span: Span) -> list[tuple[str, Bundle]]:
    found = []
    for name, reference in outputs.items():
        try:
            found.append((name, resolve_reference(context, scalar_of(reference, span))))
        except Suppressed:
            continue
        except LoweringError as problem:
            context.lowering.report(problem)
    return found
