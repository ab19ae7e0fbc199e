"""Append steps to the body under construction: their place in the module tree, their types, inserted ops."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from archspec.diagnostics import Cause, Span
from archspec.ir.graph import Call, Node, Origin
from archspec.ir.op import Op, ShapeError
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.free_names import free_names
from archspec.language.layers import Layer
from archspec.language.nodes import span_of
from archspec.language.symbols import op_definition
from archspec.lowering.context import Bundle, Context, LoweredLayer
from archspec.lowering.defaults import role_causes
from archspec.lowering.errors import LoweringError
from archspec.lowering.module_names import why_reserved
from archspec.lowering.shape_provenance import explain_shape
from archspec.source import Tree
from archspec.source.limits import DIMENSION

MAX_PATH_LENGTH, MAX_SEGMENTS = 255, 32


def claim_path(context: Context, layer: Layer, segment: str, leaf: bool) -> str:
    """Reserve and return the full path of a layer within its body."""
    path, span = context.path(segment), span_of(layer.name, layer.span)
    fault = _path_fault(path)
    if fault is not None:
        raise LoweringError("SPC010", fault[0], span, fault[1])
    context.builder.claim(path, span, leaf)
    return path


@lru_cache(maxsize=1024)
def _path_fault(path: str) -> tuple[str, str] | None:
    """Return what is wrong with a path and a hint; cached, since every block has the same paths."""
    parts = path.split(".")
    if len(path) > MAX_PATH_LENGTH or len(parts) > MAX_SEGMENTS:
        message = f"a name of {len(path):,} characters in {len(parts)} parts"
        return message, f"at most {MAX_PATH_LENGTH} characters and {MAX_SEGMENTS} parts"
    for part in parts:
        why = why_reserved(part)
        if why:
            return f"a layer cannot be named {part}", f"{why}; call the layer {part.strip('_')}_layer, say"
        if not part:
            return f"the name {path} has an empty part", "names are words joined by single dots"
    return None


def infer(
    context: Context, op: Op, inputs: tuple[int | None, ...], span: Span, trees: dict[str, Tree], role: str = ""
) -> tuple[ValueType, ...]:
    """Return the output types of an op; UNKNOWN where an input is, or after reporting that the op cannot take them.

    `role`: the role (norm, act) that the op was chosen by, if any.
    """
    known = context.builder.types
    types = tuple([UNKNOWN if v is None else known[v] for v in inputs])
    # UNKNOWN also marks a port left out (value None), which is no failure.
    for item, value in zip(types, inputs, strict=True):
        if item.kind == "unknown" and value is not None:
            return (UNKNOWN,)
    try:
        outputs = op.infer(types, context.lowering.check)
    except ShapeError as error:
        causes = (*role_causes(context, role), *explain_shape(context, error.code, inputs))
        context.lowering.report(_locate_shape_error(error, span, trees, causes))
        return (UNKNOWN,)
    for item in outputs:
        for size in item.shape:
            if isinstance(size, int) and size > DIMENSION:
                context.lowering.report(_oversize_error(op, size, span, trees))
                return (UNKNOWN,)
    return outputs


def _oversize_error(op: Op, size: int, span: Span, trees: dict[str, Tree]) -> LoweringError:
    """Return the error for a dimension above the limit, at the argument that gives it where one does."""
    # An argument that is this number is the likely cause; else the layer is all that can be pointed at.
    place = next((tree.span for name, tree in trees.items() if getattr(op, name, None) == size), span)
    message = f"{op.kind} would give a dimension of {size:,}"
    return LoweringError("LIM007", message, place, f"a dimension is at most {DIMENSION:,}")


def _locate_shape_error(
    error: ShapeError, span: Span, trees: dict[str, Tree], causes: tuple[Cause, ...]
) -> LoweringError:
    """Return a shape rule's error at the argument that it names, or at the layer if that is not written."""
    tree = trees.get(error.argument or "")
    if tree is None:
        return LoweringError(error.code, error.message, span, error.hint, causes)
    return LoweringError(error.code, error.message, tree.span, error.hint, causes).mentioning(free_names(tree))


def insert_op(
    context: Context, kind: str, inputs: Bundle, attributes: dict[str, Any], span: Span, name: str, why: str = ""
) -> Bundle:
    """Append an op that structure implies (a merge).

    It takes no position among the unnamed layers: else a merge would renumber the layers after it, and with them the
    keys of trained weights.
    """
    definition = op_definition(kind)
    assert definition is not None
    op = definition.op(**attributes)
    path = context.builder.free_path(context.path(name))
    context.builder.claim(path, span, leaf=True)
    outputs = infer(context, op, inputs, span, {})
    context.lowering.limits.count_step(span)
    return context.builder.add(Node(op, inputs, outputs, path, Origin(span, why)))


def add_call(context: Context, call: Call) -> LoweredLayer:
    """Append a call; return its values and exports."""
    made, body = context.builder.add(call), call.body
    if not body.exports:
        return made, {}
    exports = {name: made[first : first + count] for name, first, count in body.exports}
    return made[: body.main], exports
