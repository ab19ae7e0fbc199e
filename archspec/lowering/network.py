"""A whole spec used as a layer: `network: {spec: resnet, variant: resnet50, name: backbone}`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from archspec.diagnostics import Span, did_you_mean, spelling_fix
from archspec.ir.graph import Call, Origin
from archspec.ir.parameters import show
from archspec.ir.types import ValueType
from archspec.language.files import SpecLocation, gallery_names, is_path, locate_variant, resolve_include
from archspec.language.layers import NetworkLayer
from archspec.language.load import Spec, explain_unknown_variant, load_location, load_tree
from archspec.language.nodes import span_of
from archspec.language.symbols import declare, definitions_of
from archspec.lowering import references
from archspec.lowering.context import Bundle, Context, Frame, LoadedSpec, LoweredLayer, Lowering
from archspec.lowering.dispatch import lowers
from archspec.lowering.errors import LimitExceeded, LoweringError, Suppressed
from archspec.lowering.evaluate import evaluate_argument, interpolate_text
from archspec.lowering.root import NetworkArguments, lower_root
from archspec.lowering.steps import add_call, claim_path
from archspec.lowering.values import BlockValue, UntypedText
from archspec.source import Mapping, Scalar, Tree
from archspec.source.limits import INCLUDE_DEPTH

NEW_NETWORK = 40  # what a network costs besides its layers, in turns of a repeat
CHARACTERS_PER_TURN = 100  # read from its file


@lowers(NetworkLayer)
def lower_network(layer: NetworkLayer, context: Context, segment: str) -> LoweredLayer:
    """Lower a spec as a layer on the running value (or `from:`); its outputs are exports."""
    lowering = context.lowering
    spec = _spec(context, layer)
    params = _arguments(context, layer, spec)
    inputs, values = _values(context, layer, spec)
    path = claim_path(context, layer, segment, leaf=True)
    # Another file has its own definitions and bodies; diagnostics, limits and the cache are the run's.
    inner = Lowering(
        definitions=definitions_of(spec),
        diagnostics=lowering.diagnostics,
        reported=lowering.reported,
        frames=[*lowering.frames, Frame(spec.name, layer.span, context.in_library)],
        networks=(*lowering.networks, _lower_identity(spec)),
        limits=lowering.limits,
        loaded=lowering.loaded,
        cache=lowering.cache,
        check=lowering.check,
    )
    lowering.uncacheable += 1  # another file may have changed by the next run
    layers_before = lowering.limits.layers
    lowered = lower_root(inner, spec, NetworkArguments(inputs, params))
    weight = max(1, lowering.limits.layers - layers_before)
    lowering.network_weights[id(lowered.body)] = (lowered.body, weight)
    shown = (("spec", spec.name), ("variant", spec.variant), *((name, show(value)) for name, value in params.items()))
    call = Call(lowered.body, values, path, Origin(layer.span), (), shown)
    return add_call(context, call)


def _lower_identity(spec: Spec) -> str:
    return str(spec.chain[-1]) if spec.chain else spec.file


def _spec(context: Context, layer: NetworkLayer) -> Spec:
    """Return the spec of a network with its variant; raises an error where it cannot be read."""
    lowering = context.lowering
    if len(lowering.networks) >= INCLUDE_DEPTH:
        message = f"networks hold networks {INCLUDE_DEPTH} deep at most"
        raise LimitExceeded("LIM010", message, _place(layer), "put the layers into a block")
    if isinstance(layer.spec, Mapping):
        (spec, diagnostics), variant = _load_in_place(context, layer.spec), ""
    else:
        written = interpolate_text(context, layer.spec, layer.span)
        (spec, diagnostics), variant = _load_named(context, written, _place(layer))
    if spec is None or any(d.is_error for d in diagnostics):
        lowering.diagnostics.extend(d for d in diagnostics if d not in lowering.diagnostics)  # once for all its uses
        raise Suppressed
    chosen = interpolate_text(context, layer.variant, layer.span) if layer.variant else variant
    return _with_variant(spec, chosen, span_of(layer.variant, _place(layer)))


def _place(layer: NetworkLayer) -> Span:
    """Return where a network's spec is named or written."""
    return layer.spec.span if isinstance(layer.spec, Mapping) else span_of(layer.spec, layer.span)


def _load_in_place(context: Context, tree: Mapping) -> LoadedSpec:
    """Return the spec that is written in place of a name, read once in a run."""
    lowering, home = context.lowering, context.definitions
    place = f"{home.file} {tree.span}", home.root
    if place not in lowering.loaded:
        # What it names by a path is relative to the file that it is written in.
        chain = (home.file,) if home.file else ()
        lowering.loaded[place] = load_tree(tree, tree.span.file, home.root, chain)
    lowering.limits.count_iteration(tree.span, NEW_NETWORK)
    return lowering.loaded[place]


def _load_named(context: Context, written: str, span: Span) -> tuple[LoadedSpec, str]:
    """Return the spec of a gallery name or a path, with every finding, and the variant that the name chooses."""
    # Layers given to a network, or a block, may be written in another file than the one that is lowered.
    networks, home = context.lowering.networks, context.definitions
    name, _, variant = written.partition(":")
    target = resolve_include(name, Path(home.root), home.directory)
    if isinstance(target, str):
        # Of the gallery alone: a file of the working directory would lie outside the root.
        found = None if is_path(name) else locate_variant(written)
        if found is None:
            code = "SPC005" if "no gallery spec" in target else "LIM010"
            close = did_you_mean(name, gallery_names())
            hint = f"did you mean {close}?" if close else "`archspec list` names the gallery; a path ends in .yaml"
            if code == "LIM010":
                hint = "write a path inside the directory of the first spec: ./other.yaml"
            raise LoweringError(code, target, span, hint)
        target, variant = Path(found.path), found.variant
    resolved = str(target.resolve())
    if resolved in networks:
        message = f"{written} is used inside itself"
        raise LimitExceeded("GRF002", message, span, "a network cannot hold itself")
    # A gallery spec is outside the user's directory: what it includes is confined to its own.
    root = home.root if target.is_relative_to(Path(home.root).resolve()) else str(target.parent)
    location = SpecLocation(resolved, name if is_path(name) else f"specs/{target.name}")
    result = _load(context, location, root, span)
    lost = next((d for d in result[1] if d.code.startswith("FIL")), None)
    if lost is not None:
        raise LoweringError(lost.code, lost.message, span, lost.hint)
    return result, variant


def _load(context: Context, location: SpecLocation, root: str, span: Span) -> LoadedSpec:
    """Return the spec at a location, read once in a run however often it is used."""
    lowering = context.lowering
    found = lowering.loaded.get((location.path, root))
    if found is None:
        found = load_location(location, root)
        lowering.loaded[location.path, root] = found
        length = len(found[0].text) if found[0] is not None else 0
        lowering.limits.count_iteration(span, length // CHARACTERS_PER_TURN)
    lowering.limits.count_iteration(span, NEW_NETWORK)
    return found


def _with_variant(spec: Spec, variant: str, span: Span) -> Spec:
    if not variant:
        return spec
    chosen = spec.document.variants.get(variant)
    if chosen is None:
        message, hint = explain_unknown_variant(spec, variant)
        raise LoweringError("SPC005", message, span, hint)
    return replace(spec, variant=variant, overrides=(*spec.overrides, *chosen.values.items()))


def _arguments(context: Context, layer: NetworkLayer, spec: Spec) -> dict[str, Any]:
    """Return the values that a layer gives to the spec's parameters, evaluated in the scope of the layer.

    Reports every wrong one, then raises Suppressed.
    """
    found: dict[str, Any] = {}
    failed = False
    for name, tree in (layer.params or {}).items():
        try:
            found[name] = _argument(context, spec, name, tree)
        except LimitExceeded:
            raise
        except LoweringError as problem:
            context.lowering.report(problem)
            failed = True
        except Suppressed:
            failed = True
    if failed:
        raise Suppressed
    return found


def _argument(context: Context, spec: Spec, name: str, tree: Tree) -> Any:
    declaration = spec.document.params.get(name)
    if declaration is None:
        span = tree.key.span if tree.key else tree.span
        close = did_you_mean(name, spec.document.params)
        hint = f"did you mean {close}?" if close else "it has " + (", ".join(spec.document.params) or "none")
        fix = spelling_fix(name, spec.document.params, span)
        raise LoweringError("SPC001", f"{spec.name} has no parameter {name}", span, hint, fix=fix)
    parameter = declare(name, declaration).parameter
    try:
        return _with_own_blocks(context, evaluate_argument(context, parameter, tree))
    except LoweringError:
        # The name of one of the network's own blocks, which are not in scope here, chooses that block.
        own = spec.document.blocks
        if parameter.type == "block" and isinstance(tree, Scalar) and tree.text in own:
            return UntypedText(tree.text)
        raise


def _with_own_blocks(context: Context, value: Any) -> Any:
    """Return a value in which texts that name blocks of this spec, unknown to the network, are these blocks."""
    if isinstance(value, tuple):
        return tuple(_with_own_blocks(context, item) for item in value)
    if isinstance(value, UntypedText) and value in context.definitions.own and not context.in_library:
        return BlockValue(context.definitions.own[value])
    return value


def _values(context: Context, layer: NetworkLayer, spec: Spec) -> tuple[tuple[tuple[str, ValueType], ...], Bundle]:
    """Return the inner spec's inputs, by name, with the types of the values that they get, and these values."""
    names = tuple(spec.document.inputs) if spec.document.inputs else ("input",)
    values: Bundle
    if isinstance(layer.source, Mapping):
        given = {key.text: tree for key, tree in layer.source.entries}
        _check_ports(given, names, layer.span)
        values = tuple(
            context.prev[0]
            if place == 0 and references.continues_turn(context, given[name])
            else references.resolve_one(context, given[name])
            for place, name in enumerate(names)
        )
    elif layer.source is not None and not references.continues_turn(context, layer.source):
        values = references.resolve_many(context, layer.source)
    else:
        values = context.prev
    if len(values) != len(names):
        if not all(context.type_of(value).known for value in values):
            raise Suppressed  # one of them may be a tuple
        message = f"{spec.name} takes {len(names)} inputs ({', '.join(names)}), and gets {len(values)}"
        hint = f"write `from: {{{', '.join(f'{name}: ...' for name in names)}}}`"
        raise LoweringError("SPC009", message, layer.span, hint)
    return tuple((name, context.type_of(value)) for name, value in zip(names, values, strict=True)), values


def _check_ports(given: dict[str, Tree], names: tuple[str, ...], span: Span) -> None:
    unknown = [name for name in given if name not in names]
    missing = [name for name in names if name not in given]
    if unknown or missing:
        what = f"has no input {unknown[0]}" if unknown else f"needs its input {missing[0]}"
        raise LoweringError(
            "SPC009" if missing else "SPC001", f"the network {what}", span, "its inputs: " + ", ".join(names)
        )
