"""Lower a whole spec: parameters, inputs, then stem, stages and head into one Body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.graph import RESIDUAL_MERGE, Body, Section, Step
from archspec.ir.types import ValueType
from archspec.language.expressions import literal_parts
from archspec.language.layers import Branch, BranchesLayer, Placement, ResidualLayer, SequenceLayer
from archspec.language.load import Spec
from archspec.language.symbols import reserved_parameters, why_taken
from archspec.lowering.bodies import finish_body, input_scope
from archspec.lowering.builder import BodyBuilder, SequenceTurn
from archspec.lowering.context import Bundle, Context, Lowering, NamedValue, Segment, SymbolTable
from archspec.lowering.defaults import built_in_defaults, with_defaults
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import evaluate_flag, evaluate_integer, scalar_of
from archspec.lowering.inputs import input_spans, resolve_inputs
from archspec.lowering.layers import lower_layers
from archspec.lowering.parameters import evaluate_parameters
from archspec.lowering.references import resolve_many, resolve_reference
from archspec.lowering.residual import inner_layers
from archspec.source import Mapping


class LoweredSpec(Struct, frozen=True):
    """A spec's body with the other fields of its Graph."""

    inputs: tuple[tuple[str, ValueType], ...]
    body: Body
    sections: tuple[Section, ...]
    outputs: tuple[str, ...]


class NetworkArguments(Struct, frozen=True):
    """What a spec gets from the layer that it is used as: its inputs, and values of its parameters."""

    inputs: tuple[tuple[str, ValueType], ...]
    params: dict[str, Any]


def lower_root(lowering: Lowering, spec: Spec, given: NetworkArguments | None = None) -> LoweredSpec:
    """Lower a spec; `given` takes the place of its inputs and defaults where it is used as a layer."""
    document = spec.document
    span = document.span
    _check_blocks(lowering, spec)
    bare = _context(lowering, BodyBuilder(spec.name, (), (), span), {})
    bare = bare.replace(scope=evaluate_parameters(bare, spec, {} if given is None else given.params))
    inputs = given.inputs if given is not None else resolve_inputs(bare, spec)
    lowering.input_spans = input_spans(spec, len(inputs))
    builder = BodyBuilder(spec.name, tuple(name for name, _ in inputs), tuple(t for _, t in inputs), span)
    context = _context(lowering, builder, bare.scope)
    for number, (name, _) in enumerate(inputs):
        context.names.known[name] = NamedValue((number,), name, span)
    # Of several inputs the name could be any.
    if len(inputs) == 1:
        context.names.known.setdefault("input", NamedValue((0,), "input", span))
    context = with_defaults(context, document.defaults)
    context = context.with_scope(block_index=0, block_count=_count_blocks(context, spec))
    main, sections = _sections(context, spec)
    # A failed spec may have no steps for that reason.
    if not builder.steps and not lowering.failed:
        raise LoweringError("SPC009", "the spec has no layers", span, "write them under stem, stages and head")
    exports = _outputs(context.with_value(main), spec)
    # On its own a network returns its declared outputs; as a layer its last value, with the outputs as exports.
    if exports and given is None:
        body = finish_body(context, exports[0][1], exports[1:])
    else:
        body = finish_body(context, main, exports)
    return LoweredSpec(inputs, body, sections, tuple(name for name, _ in exports))


def scope_of(lowering: Lowering, spec: Spec) -> dict[str, Any]:
    """Return the values of a spec's sizes, parameters and lets, without lowering its layers."""
    return evaluate_parameters(_context(lowering, BodyBuilder(spec.name, (), (), spec.document.span), {}), spec, {})


def _context(lowering: Lowering, builder: BodyBuilder, scope: dict[str, Any]) -> Context:
    return Context(
        lowering=lowering,
        definitions=lowering.definitions,
        builder=builder,
        scope=scope,
        in_library=False,
        defaults=built_in_defaults(),
        names=SymbolTable(),
        segment=Segment(""),
        prev=(0,),
        start=(0,),
    )


def _check_blocks(lowering: Lowering, spec: Spec) -> None:
    """Report names that a use would not find: of blocks that are words of the language, of parameters that are keys."""
    tree = spec.document.tree.get("blocks") if spec.document.tree is not None else None
    keys = {key.text: key.span for key, _ in tree.entries} if isinstance(tree, Mapping) else {}
    for name, model in spec.document.blocks.items():
        taken = why_taken(name)
        if taken:
            hint = f"{taken}; give the block another name"
            lowering.report(
                LoweringError("SPC010", f"a block cannot be named {name}", keys.get(name, model.span), hint)
            )
        for word in reserved_parameters(model):
            hint = f"every layer may carry {word}; give the parameter another name"
            span = model.params[word].span
            lowering.report(LoweringError("SPC010", f"{name} cannot have a parameter named {word}", span, hint))


def _count_blocks(context: Context, spec: Spec) -> int:
    """Return how many turns the outermost repeats make, without those whose count depends on a shape."""
    document = spec.document
    return sum(_turns(context, layers) for layers in (document.stem, document.stages, document.head))


def _turns(context: Context, layers: tuple[Any, ...]) -> int:
    """Return how often layers or branches, and those inside them, advance `block_index` (`next_block_index`)."""
    total = 0
    for layer in layers:
        if not isinstance(layer, Placement):
            continue
        try:
            if layer.repeat is not None:
                total += evaluate_integer(context, layer.repeat, "repeat")
            elif layer.when is None or evaluate_flag(context, layer.when, "when"):
                total += sum(_turns(context, inner) for inner in _inner_lists(layer))
        except (LoweringError, Suppressed):
            continue  # reported where the layer is lowered
    return total


def _inner_lists(layer: Placement) -> tuple[tuple[Any, ...], ...]:
    if isinstance(layer, (SequenceLayer, Branch)):
        return (layer.body,)
    if isinstance(layer, BranchesLayer):
        return (layer.of,)
    return inner_layers(layer) if isinstance(layer, ResidualLayer) else ()


def _sections(context: Context, spec: Spec) -> tuple[Bundle, tuple[Section, ...]]:
    """Lower stem, stages and head; return their last value and the steps of each row of the table."""
    document = spec.document
    groups: list[tuple[str, tuple[Any, ...], Span]] = []
    if document.stem:
        groups.append(("stem", document.stem, document.span))
    for item in document.stages:
        groups.append((str(getattr(item, "name", None) or ""), (item,), item.span))
    if document.head:
        groups.append(("head", document.head, document.span))
    everything = (*document.stem, *document.stages, *document.head)
    prev = context.prev
    sections: list[Section] = []
    for name, layers, span in groups:
        first, first_turn = len(context.builder.steps), len(context.builder.turns)
        for item in layers:
            here = context.replace(prev=prev, start=prev, lists=(everything,))
            # A top-level item is what a block is: it sees the channels and the shape of its own input.
            value = _input_of(here, item)
            known = input_scope(context.type_of(value)) if value is not None else {}
            prev = lower_layers(here.with_scope(**known), (item,))
        # The stem and the head are one row each.
        row_of = layers[0] if span is layers[0].span else None
        turns = [turn for turn in context.builder.turns[first_turn:] if turn.layer is row_of]
        whole = Section(name, first, len(context.builder.steps), span, prev)
        sections += _rows(context.builder, name, turns, whole)
    return prev, tuple(sections)


def _rows(builder: BodyBuilder, name: str, turns: list[SequenceTurn], whole: Section) -> Iterator[Section]:
    """Yield the rows of an item of the stages: one, or one for each turn of a repeated sequence, a looped list."""
    parts = [(turn.path, turn.first, turn.last, turn.values) for turn in turns if turn.first < turn.last]
    if not parts:
        parts = [("" if "${" in name else name, whole.first, whole.last, whole.values)]
    for path, first, last, values in parts:
        if first < last:
            yield Section(path or _range(name, builder.steps[first:last]), first, last, whole.span, values)


def _input_of(context: Context, item: Any) -> int | None:
    """Return the value that an item takes first: what its `from` names, else the running one; None if there is none."""
    running = context.prev[0] if context.prev else None
    source = getattr(item, "source", None)
    if isinstance(source, Mapping):
        source = source.get("x")
    if source is None:
        return running
    if item.repeat is not None:
        context = context.with_scope(**{item.variable or "index": 0})
    try:
        return next(iter(resolve_many(context, source)), running)
    except (LoweringError, Suppressed):
        return running  # reported where the item is lowered


def _range(written: str, steps: list[Step]) -> str:
    """Return the name of a row without a name of its own, or with computed ones: its first and last path, `5…8`."""
    fixed = "".join(literal_parts(written))
    length = 1 + fixed.count(".")  # the segments behind are those of inner layers
    layers = [step for step in steps if step.origin.inserted != RESIDUAL_MERGE] or steps
    names = list(dict.fromkeys(".".join(step.scope.split(".")[:length]) for step in layers))
    if len(names) == 1:
        return names[0]
    stem = names[0].rstrip("0123456789")
    number = names[-1].removeprefix(stem)
    return f"{names[0]}…{number if number.isdecimal() else names[-1]}"


def _outputs(context: Context, spec: Spec) -> list[tuple[str, Bundle]]:
    found: list[tuple[str, Bundle]] = []
    for name, written in spec.document.outputs.items():
        scalar = scalar_of(written, spec.document.span)
        try:
            bundle = resolve_reference(context, scalar)
            if len(bundle) != 1:
                raise LoweringError(
                    "SHP010", f"{written} is a tuple of {len(bundle)} values", scalar.span, f"choose one: {written}[0]"
                )
            found.append((name, bundle))
        except Suppressed:
            continue
        except LoweringError as problem:
            context.lowering.report(problem)
    return found
