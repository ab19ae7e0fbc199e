"""The inputs of a network: the declared ones, or those that replace them from outside."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.diagnostics import Edit, Fix, Span
from archspec.ir.parameters import Parameter
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.load import Spec
from archspec.language.models import InputDeclaration
from archspec.language.with_input import diagnose_input
from archspec.lowering.context import Context
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import evaluate_argument
from archspec.source import Mapping, Scalar, Sequence, Tree
from archspec.source.limits import DIMENSION

_OPEN = ("none", "?", "any", "n", "b", "batch", "batch_size", "dynamic")
_RANKS = {"map": (2, 3, 4), "tokens": (2,), "vector": (1,), "ids": (0, 1), "mask": (1, 2, 3, 4)}
"""How many sizes each kind of value has."""

Inputs = tuple[tuple[str, ValueType], ...]


def resolve_inputs(context: Context, spec: Spec) -> Inputs:
    """Return the inputs by name; report a wrong shape and give that input an unknown type."""
    document = spec.document
    if spec.input is not None:
        return _from_outside(context, spec, spec.input)
    if document.input is not None and document.inputs is not None:
        span = document.input.key.span if document.input.key else document.input.span
        raise LoweringError("SPC002", "the spec has both input and inputs", span, "put all of them under inputs")
    if document.input is not None:
        return (("input", _input(context, document.input, None)),)
    if not document.inputs:
        raise LoweringError("SPC009", "the key input is missing", document.span, "for example `input: [3, 224, 224]`")
    return tuple((name, _declared(context, item)) for name, item in document.inputs.items())


def input_spans(spec: Spec, count: int) -> tuple[Span, ...]:
    """Return the span of each input."""
    document = spec.document
    if spec.input is not None:
        return (spec.input.span,) * count
    if document.input is not None:
        return (document.input.span,)
    return tuple(item.shape.span for item in (document.inputs or {}).values())


def _declared(context: Context, item: InputDeclaration, shape: Tree | None = None) -> ValueType:
    found = _input(context, item.shape if shape is None else shape, item.kind)
    if item.range is None:
        return found
    try:
        if found.known and found.kind != "ids":
            raise LoweringError(
                "SPC002", f"range is for ids, not for a {found.kind}", item.range.span, "add `kind: ids`"
            )
        return replace(found, range=evaluate_argument(context, Parameter("range", "int", ge=1), item.range))
    except Suppressed:
        return found
    except LoweringError as problem:
        # A wrong range leaves the shape as it is, so that the layers are still checked.
        context.lowering.report(problem)
        return found


def _from_outside(context: Context, spec: Spec, tree: Tree) -> Inputs:
    """Return the inputs with the shapes of `--input` and the declared kinds."""
    declared = spec.document.inputs or {}
    wrong = diagnose_input(spec)
    if wrong is not None:
        raise LoweringError(wrong.code, wrong.message, wrong.span, wrong.hint)
    if not isinstance(tree, Mapping):
        name = next(iter(declared), "input")
        return ((name, _declared(context, declared[name], tree) if declared else _input(context, tree, None)),)
    found = tuple((name, _declared(context, item, tree.get(name))) for name, item in declared.items())
    return found or (("input", _input(context, tree.entries[0][1], None)),)


def _input(context: Context, tree: Tree, kind: str | None) -> ValueType:
    """Return the type of one input; report what is wrong with it and return UNKNOWN."""
    try:
        return _typed(context, tree, kind)
    except Suppressed:
        return UNKNOWN
    except LoweringError as problem:
        context.lowering.report(problem)
        return UNKNOWN


def _typed(context: Context, tree: Tree, kind: str | None) -> ValueType:
    shape = _shape(context, tree, kind)
    places = tree.items if isinstance(tree, Sequence) else (tree,) * len(shape)
    for size, place in zip(shape, places, strict=True):
        if size > DIMENSION:
            hint = "a shape leaves the batch out; is this a size?"
            raise LoweringError("LIM007", f"a dimension of {size:,}; at most {DIMENSION:,}", place.span, hint)
    # The rank does not distinguish tokens [L, C] from a 1-D map [C, L]: without `kind:` it is a map.
    return _value_type(kind or ("vector" if len(shape) == 1 else "map"), shape, tree.span)


def _shape(context: Context, tree: Tree, kind: str | None) -> tuple[int, ...]:
    """Return the sizes of an input, from a list or from an expression with such a value (`input: shape`)."""
    size = Parameter("a size", "int", ge=1)
    if isinstance(tree, Sequence):
        _check_batch(context, tree, kind)
        return tuple(evaluate_argument(context, size, item) for item in tree.items)
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        shape: tuple[int, ...] = evaluate_argument(context, Parameter("a shape", "shape", ge=1), tree)
        return shape
    raise LoweringError("SPC002", "a shape is a list, without the batch", tree.span, "for example [3, 224, 224]")


def _check_batch(context: Context, tree: Sequence, kind: str | None) -> None:
    """Raise SPC002 where a size is left open, as Keras and ONNX write the batch: `[null, 3, 224, 224]`."""
    is_open = [isinstance(item, Scalar) and _is_open(context, item) for item in tree.items]
    if not any(is_open):
        return
    # Of tokens [n, 64] the length is open: a kind says how many sizes are left without the batch.
    could_be_batch = kind is None or len(tree.items) - 1 in _RANKS[kind]
    if could_be_batch and is_open[0] and not any(is_open[1:]):
        rest = [item.text for item in tree.items[1:] if isinstance(item, Scalar) and isinstance(item.value, int)]
        shape = f"[{', '.join(rest)}]"
        # Only numbers can be copied as they are.
        is_whole = len(rest) == len(tree.items) - 1 and tree.span.line == tree.span.end_line and tree.alias is None
        fix = Fix("unsafe", (Edit(tree.span, shape),)) if is_whole and rest else None
        message, hint = "an input's shape has no batch", f"write {shape}" if fix else "leave the batch out"
        raise LoweringError("SPC002", message, tree.items[0].span, hint, fix=fix)
    place = tree.items[is_open.index(True)]
    hint = "write the usual size: the built module runs at every valid one (archspec valid-sizes)"
    raise LoweringError("SPC002", "every size of an input is a number", place.span, hint)


def _is_open(context: Context, size: Scalar) -> bool:
    """Return whether a size is one of the words for any."""
    is_word = size.text.lower() in _OPEN and size.text not in context.scope
    return (size.value is None and not size.quoted) or size.value == -1 or is_word


def _value_type(kind: str, shape: tuple[int, ...], span: Span) -> ValueType:
    if len(shape) not in _RANKS[kind]:
        wanted = " or ".join(str(r) for r in _RANKS[kind])
        forms = {"map": "[C, H, W]", "tokens": "[L, C]", "vector": "[F]", "ids": "[L] or []", "mask": "[1, H, W]"}
        message = f"a {kind} has {wanted} sizes {forms[kind]}, and here are {len(shape)}"
        raise LoweringError("SPC002", message, span, "leave the batch out")
    if kind == "map":
        return ValueType.map(*shape)
    if kind == "tokens":
        return ValueType.tokens(shape[0], shape[1])
    return ValueType.vector(*shape) if kind == "vector" else ValueType(kind, shape)  # type: ignore[arg-type]
