"""A whole spec lowered: parameters, inputs, then stem, stages and head into one Body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from archspec.diagnostics import Span
from archspec.ir.graph import Body, Section
from archspec.ir.types import ValueType
from archspec.lower.bind import default_value
from archspec.lower.bodies import input_scope
from archspec.lower.builder import Builder
from archspec.lower.context import Bundle, Context, Lowering, Named, Names, Segment
from archspec.lower.defaults import built_in, with_defaults
from archspec.lower.definitions import declare, reserved_parameters
from archspec.lower.evaluate import argument, flag, free_value, integer, text
from archspec.lower.layers import lower_layers
from archspec.lower.problem import Problem, Silent
from archspec.lower.references import bundle_of
from archspec.ops.attributes import Parameter
from archspec.source import Mapping, Scalar, Sequence, Tree
from archspec.source.limits import DIMENSION
from archspec.spec.layers import BranchesLayer, Layer, ResidualLayer, SequenceLayer
from archspec.spec.load import Spec
from archspec.spec.models import InputDeclaration


@dataclass(frozen=True, slots=True)
class Lowered:
    """A spec's body with what the Graph says about it."""

    inputs: tuple[tuple[str, ValueType], ...]
    body: Body
    sections: tuple[Section, ...]
    outputs: tuple[str, ...]


def lower_root(lowering: Lowering, spec: Spec, given: tuple[tuple[str, ValueType], ...] | None = None) -> Lowered:
    """Lower a spec; `given` takes the place of its declared inputs where it is used as a layer."""
    document = spec.document
    span = document.span
    _check_blocks(lowering, spec)
    bare = _context(lowering, Builder(spec.name, (), (), span), {})
    bare = replace(bare, scope=_parameters(bare, spec))
    inputs = given if given is not None else _inputs(bare, spec)
    builder = Builder(spec.name, tuple(name for name, _ in inputs), tuple(t for _, t in inputs), span)
    context = _context(lowering, builder, bare.scope)
    for number, (name, _) in enumerate(inputs):
        context.names.known[name] = Named((number,), name, span)
    if inputs:
        context.names.known.setdefault("input", Named((0,), "input", span))
    context = with_defaults(context, document.defaults)
    context = context.with_scope(block_index=0, block_count=_count_blocks(context, spec))
    main, sections = _sections(context, spec)
    if not builder.steps and not lowering.failed:
        raise Problem("SPC009", "the spec has no layers", span, "write them under stem, stages and head")
    exports = _outputs(context, spec)
    if exports:
        body = builder.freeze(exports[0][1], exports[1:]) if given is None else builder.freeze(main, exports)
    else:
        body = builder.freeze(main)
    return Lowered(inputs, body, sections, tuple(name for name, _ in exports))


def _context(lowering: Lowering, builder: Builder, scope: dict[str, Any]) -> Context:
    return Context(
        lowering=lowering,
        builder=builder,
        scope=scope,
        library=False,
        defaults=built_in(),
        names=Names(),
        segment=Segment(""),
        prev=(0,),
        start=(0,),
    )


def _check_blocks(lowering: Lowering, spec: Spec) -> None:
    for name, model in spec.document.blocks.items():
        for word in reserved_parameters(model):
            hint = f"every layer may carry {word}; give the parameter another name"
            span = model.params[word].span
            lowering.report(Problem("SPC010", f"{name} cannot have a parameter named {word}", span, hint))


def _parameters(context: Context, spec: Spec) -> dict[str, Any]:
    """The values of the spec's parameters and lets, each one free to use those before it."""
    scope: dict[str, Any] = {}
    overrides = dict(spec.overrides)
    names = list(spec.document.params)
    for name, tree in spec.document.sizes.items():
        inner = replace(context, scope=scope)
        scope[name] = _sized(inner, name, tree)
    for name, declaration in spec.document.params.items():
        item = declare(name, declaration)
        inner = replace(context, scope=scope)
        try:
            if name in overrides:
                scope[name] = argument(inner, item.parameter, overrides[name])
            elif item.default is None:
                raise Problem(
                    "SPC009", f"the parameter {name} has no value", declaration.span, "give it a default, or --set"
                )
            else:
                scope[name] = default_value(inner, item, scope)
        except Problem as problem:
            context.lowering.report(_cycle(problem, name, names))
            raise Silent from None
    for name, tree in spec.document.let.items():
        scope[name] = free_value(replace(context, scope=scope), tree)
    return scope


def _cycle(problem: Problem, name: str, names: list[str]) -> Problem:
    """A parameter that uses itself or a later one, said as that."""
    later = names[names.index(name) :]
    mentioned = next(
        (other for other in later if problem.message.endswith(other) or f" {other} " in problem.message), None
    )
    if problem.code == "SPC005" and mentioned is not None:
        message = f"{name} uses {mentioned}, which {'is itself' if mentioned == name else 'comes after it'}"
        return Problem("GRF002", message, problem.span, "a parameter may use only those declared before it")
    return problem


def _sized(context: Context, name: str, tree: Tree) -> int:
    return integer(context, tree, name, ge=1)


def _inputs(context: Context, spec: Spec) -> tuple[tuple[str, ValueType], ...]:
    document = spec.document
    if spec.input is not None:
        return _from_outside(context, spec, spec.input)
    if (document.input is None) == (document.inputs is None):
        message = "the spec has both input and inputs" if document.input is not None else "the key input is missing"
        code = "SPC002" if document.input is not None else "SPC009"
        raise Problem(code, message, document.span, "for example `input: [3, 224, 224]`")
    if document.input is not None:
        return (("input", _input(context, document.input, None, None)),)
    return tuple((name, _declared(context, item)) for name, item in (document.inputs or {}).items())


def _declared(context: Context, item: InputDeclaration) -> ValueType:
    return _input(context, item.shape, item.kind, item.range)


def _from_outside(context: Context, spec: Spec, tree: Tree) -> tuple[tuple[str, ValueType], ...]:
    """The inputs with shapes given by `--input`, kinds as declared."""
    declared = spec.document.inputs or {}
    if not isinstance(tree, Mapping):
        if len(declared) > 1:
            raise Problem(
                "SPC002", f"there are several inputs: {', '.join(declared)}", tree.span, "write --input name=3x32x32"
            )
        name = next(iter(declared), "input")
        kind = declared[name].kind if name in declared else None
        return ((name, _input(context, tree, kind, None)),)
    for key, _ in tree.entries:
        if key.text not in (declared or ("input",)):
            known = ", ".join(declared) or "input"
            raise Problem("SPC001", f"there is no input {key.text}", key.span, f"its inputs: {known}")
    found = []
    for name, item in declared.items():
        shape = tree.get(name)
        found.append(
            (name, _declared(context, item) if shape is None else _input(context, shape, item.kind, item.range))
        )
    return tuple(found) or (("input", _input(context, tree.entries[0][1], None, None)),)


def _input(context: Context, tree: Tree, kind: str | None, _range: Tree | None) -> ValueType:
    shape = _shape(context, tree)
    places = tree.items if isinstance(tree, Sequence) else (tree,) * len(shape)
    for size, place in zip(shape, places, strict=True):
        if size > DIMENSION:
            raise Problem("LIM007", f"a dimension of {size:,}; at most {DIMENSION:,}", place.span)
    return _value_type(kind or ("vector" if len(shape) == 1 else "map"), shape, tree.span)


def _shape(context: Context, tree: Tree) -> tuple[int, ...]:
    """The sizes of an input: a list, or an expression that gives one (`input: shape`)."""
    size = Parameter("a size", "int", ge=1)
    if isinstance(tree, Sequence):
        return tuple(argument(context, size, item) for item in tree.items)
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        shape: tuple[int, ...] = argument(context, Parameter("a shape", "shape", ge=1), tree)
        return shape
    raise Problem("SPC002", "a shape is a list, without the batch", tree.span, "for example [3, 224, 224]")


def _value_type(kind: str, shape: tuple[int, ...], span: Span) -> ValueType:
    ranks = {"map": (2, 3, 4), "tokens": (2,), "vector": (1,), "ids": (0, 1), "mask": (1, 2, 3, 4)}
    if len(shape) not in ranks[kind]:
        wanted = " or ".join(str(r) for r in ranks[kind])
        forms = {"map": "[C, H, W]", "tokens": "[L, C]", "vector": "[F]", "ids": "[L] or []", "mask": "[1, H, W]"}
        message = f"a {kind} has {wanted} sizes {forms[kind]}, and here are {len(shape)}"
        raise Problem("SPC002", message, span, "leave the batch out")
    if kind == "map":
        return ValueType.map(*shape)
    if kind == "tokens":
        return ValueType.tokens(shape[0], shape[1])
    return ValueType.vector(*shape) if kind == "vector" else ValueType(kind, shape)  # type: ignore[arg-type]


def _count_blocks(context: Context, spec: Spec) -> int:
    """How many turns the outermost repeats make; those whose count depends on a shape are not counted."""
    document = spec.document
    return sum(_turns(context, layers) for layers in (document.stem, document.stages, document.head))


def _turns(context: Context, layers: tuple[Any, ...]) -> int:
    total = 0
    for layer in layers:
        if not isinstance(layer, Layer):
            continue
        try:
            if layer.repeat is not None:
                total += integer(context, layer.repeat, "repeat")
            elif layer.when is None or flag(context, layer.when, "when"):
                total += sum(_turns(context, inner) for inner in _inner_lists(layer))
        except Problem:
            continue  # said where the layer is lowered
    return total


def _inner_lists(layer: Layer) -> tuple[tuple[Any, ...], ...]:
    if isinstance(layer, (ResidualLayer, SequenceLayer)):
        return (layer.body,)
    return tuple(branch.body for branch in layer.of) if isinstance(layer, BranchesLayer) else ()


def _sections(context: Context, spec: Spec) -> tuple[Bundle, tuple[Section, ...]]:
    """The layers of stem, stages and head, and which steps each row of the table holds."""
    document = spec.document
    groups: list[tuple[str, tuple[Any, ...], Span]] = []
    if document.stem:
        groups.append(("stem", document.stem, document.span))
    for number, item in enumerate(document.stages):
        groups.append((_stage_name(context, item, number), (item,), item.span))
    if document.head:
        groups.append(("head", document.head, document.span))
    from archspec.lower.layers import _names_in

    later = _names_in((*document.stem, *document.stages, *document.head))
    prev, sections = context.prev, []
    for name, layers, span in groups:
        first = len(context.builder.steps)
        known = input_scope(context.type_of(prev[0])) if prev else {}
        here = replace(context, scope={**context.scope, **known}, prev=prev, start=prev, later=later)
        prev = lower_layers(here, layers)
        last = len(context.builder.steps)
        if last > first:
            sections.append(Section(name, first, last, span))
    return prev, tuple(sections)


def _stage_name(context: Context, item: Any, number: int) -> str:
    if getattr(item, "name", None):
        try:
            return text(context, item.name, item.span)
        except Problem:
            return str(item.name)
    return f"stages.{number}"


def _outputs(context: Context, spec: Spec) -> list[tuple[str, Bundle]]:
    found: list[tuple[str, Bundle]] = []
    for name, written in spec.document.outputs.items():
        tree = spec.document.tree.get("outputs") if spec.document.tree is not None else None
        node = tree.get(name) if isinstance(tree, Mapping) else None
        scalar = node if isinstance(node, Scalar) else Scalar(written, written, spec.document.span)
        try:
            bundle = bundle_of(context, scalar)
            if len(bundle) != 1:
                raise Problem(
                    "SHP010", f"{written} is a tuple of {len(bundle)} values", scalar.span, f"choose one: {written}[0]"
                )
            found.append((name, bundle))
        except Problem as problem:
            context.lowering.report(problem)
    return found
