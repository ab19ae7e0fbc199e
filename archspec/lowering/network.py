"""A whole spec used as a layer: `network: {spec: resnet, variant: resnet50, name: backbone}`."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from archspec.diagnostics import Span, did_you_mean
from archspec.ir.graph import Call, Origin
from archspec.ir.types import ValueType
from archspec.language.files import SpecLocation, gallery_names, is_path, locate_variant, resolve_include
from archspec.language.layers import NetworkLayer
from archspec.language.load import Spec, load_location, load_tree
from archspec.language.nodes import span_of
from archspec.language.symbols import definitions_of
from archspec.lowering import references
from archspec.lowering.context import Bundle, Context, Frame, LoadedSpec, LoweredLayer, Lowering
from archspec.lowering.dispatch import lowers
from archspec.lowering.errors import LimitExceeded, LoweringError, Suppressed
from archspec.lowering.evaluate import evaluate_expression
from archspec.lowering.root import lower_root
from archspec.lowering.steps import add_call, claim_path
from archspec.source import Mapping, Scalar, Tree
from archspec.source.limits import INCLUDE_DEPTH

NEW_NETWORK = 40  # what a network costs besides its layers, in turns of a repeat
CHARACTERS_PER_TURN = 100  # read from its file


@lowers(NetworkLayer)
def lower_network(layer: NetworkLayer, context: Context, segment: str) -> LoweredLayer:
    """Lower a spec as a layer on the running value (or `from:`); its outputs are exports."""
    lowering = context.lowering
    spec = _spec(context, layer)
    given, values = _values(context, layer, spec)
    path = claim_path(context, layer, segment, leaf=True)
    # Another file has its own definitions and bodies; diagnostics, limits and the cache are the run's.
    inner = Lowering(
        definitions=definitions_of(spec.document.blocks),
        root=spec.root,
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
    lowered = lower_root(inner, spec, given)
    weight = max(1, lowering.limits.layers - layers_before)
    lowering.network_weights[id(lowered.body)] = (lowered.body, weight)
    call = Call(lowered.body, values, path, Origin(layer.span), (), (("spec", spec.name), ("variant", spec.variant)))
    return add_call(context, call)


def _lower_identity(spec: Spec) -> str:
    return str(spec.chain[-1]) if spec.chain else spec.file


def _spec(context: Context, layer: NetworkLayer) -> Spec:
    """Return the spec of a network with its variant and parameters; raises an error where it cannot be read."""
    lowering = context.lowering
    if len(lowering.networks) >= INCLUDE_DEPTH:
        message = f"networks hold networks {INCLUDE_DEPTH} deep at most"
        raise LimitExceeded("LIM010", message, span_of(layer.spec, layer.span), "put the layers into a block")
    if isinstance(layer.spec, Mapping):
        (spec, diagnostics), variant = _load_in_place(lowering, layer.spec), ""
    else:
        (spec, diagnostics), variant = _load_named(context, layer.spec, layer.span)
    if spec is None or any(d.is_error for d in diagnostics):
        lowering.diagnostics.extend(diagnostics)
        raise Suppressed
    return _parametrised(context, layer, spec, layer.variant or variant)


def _load_in_place(lowering: Lowering, tree: Mapping) -> LoadedSpec:
    """Return the spec that is written in place of a name, read once in a run."""
    place = f"{tree.span}", lowering.root
    if place not in lowering.loaded:
        # What it names by a path is relative to the file that it is written in.
        lowering.loaded[place] = load_tree(tree, tree.span.file, lowering.root, lowering.networks[-1:])
    lowering.limits.count_iteration(tree.span, NEW_NETWORK)
    return lowering.loaded[place]


def _load_named(context: Context, written: str, span: Span) -> tuple[LoadedSpec, str]:
    """Return the spec of a gallery name or a path, with every finding, and the variant that the name chooses."""
    lowering = context.lowering
    base = (
        Path(lowering.networks[-1]).parent
        if lowering.networks and lowering.networks[-1] != "-"
        else Path(lowering.root)
    )
    name, _, variant = written.partition(":")
    target = resolve_include(name, Path(lowering.root), base)
    if isinstance(target, str):
        # Of the gallery alone: a file of the working directory would lie outside the root.
        found = None if is_path(name) else locate_variant(written)
        if found is None:
            code = "SPC005" if "no gallery spec" in target else "LIM010"
            close = did_you_mean(name, gallery_names())
            hint = f"did you mean {close}?" if close else "`archspec list` names the gallery; a path ends in .yaml"
            if code == "LIM010":
                hint = "write a path inside the directory of the first spec: ./other.yaml"
            raise LoweringError(code, target, span_of(written, span), hint)
        target, variant = Path(found.path), found.variant
    resolved = str(target.resolve())
    if resolved in lowering.networks:
        message = f"{written} is used inside itself"
        raise LimitExceeded("GRF002", message, span_of(written, span), "a network cannot hold itself")
    # A gallery spec is outside the user's directory: what it includes is confined to its own.
    root = lowering.root if target.is_relative_to(Path(lowering.root).resolve()) else str(target.parent)
    location = SpecLocation(resolved, name if is_path(name) else f"specs/{target.name}")
    result = _load(context, location, root, span)
    lost = next((d for d in result[1] if d.code.startswith("FIL")), None)
    if lost is not None:
        raise LoweringError(lost.code, lost.message, span_of(written, span), lost.hint)
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


def _parametrised(context: Context, layer: NetworkLayer, spec: Spec, variant: str) -> Spec:
    overrides = spec.overrides
    if variant:
        if variant not in spec.document.variants:
            hint = "its variants: " + (", ".join(spec.variants) or "none")
            place = span_of(layer.variant, span_of(layer.spec, layer.span))
            raise LoweringError("SPC005", f"{spec.name} has no variant {variant}", place, hint)
        overrides = (*overrides, *spec.document.variants[variant].values.items())
    for name, tree in (layer.params or {}).items():
        if name not in spec.document.params:
            span = tree.key.span if tree.key else layer.span
            raise LoweringError(
                "SPC001", f"{spec.name} has no parameter {name}", span, "it has " + ", ".join(spec.document.params)
            )
        overrides = (*overrides, (name, _evaluated(context, tree)))
    return replace(spec, variant=variant, overrides=overrides)


def _evaluated(context: Context, tree: Tree) -> Tree:
    """Return an argument for the inner spec; a name of this spec's scope is replaced by its value."""
    if isinstance(tree, Scalar) and isinstance(tree.value, str) and tree.text in context.scope:
        value = evaluate_expression(context, tree)
        if isinstance(value, (bool, int, float)):
            return replace(tree, value=value, text=str(value).lower())
    return tree


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
