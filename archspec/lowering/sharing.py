"""Resolve `share:`, the layers or tensors that a layer takes its weights from, and check that they fit."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.diagnostics import Cause, did_you_mean
from archspec.ir.graph import Body, Call, Node, Share, Step, join
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.layers import CallLayer
from archspec.lowering.context import Context
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import interpolate_scalar
from archspec.lowering.reference_spelling import insertion_hint, respell, rewrite_reference
from archspec.source import Mapping, Scalar, Tree

Shapes = dict[str, tuple[int, ...]]


def parse_share(context: Context, layer: CallLayer, block: bool = False) -> tuple[Share, ...]:
    """Return the earlier steps or tensors that a layer's `share:` names; a block shares all its weights or none."""
    tree = layer.share
    if tree is None:
        return ()
    if isinstance(tree, Scalar):
        return (Share(_step_named(context, interpolate_scalar(context, tree), tree).scope),)
    if block or not isinstance(tree, Mapping):
        what = "share names a layer" if block else "share names a layer, or maps tensors to a layer's"
        raise LoweringError("SPC002", what, tree.span, "for example `share: conv1`")
    return tuple(sorted((_tensor(context, key, value) for key, value in tree.entries), key=lambda s: s.tensor))


def _tensor(context: Context, mine: Scalar, tree: Tree) -> Share:
    """Return one shared tensor: `weight: wte.weight`."""
    if not isinstance(tree, Scalar):
        raise LoweringError("SPC002", "share a tensor as `weight: layer.weight`", tree.span)
    name = interpolate_scalar(context, tree)
    types = tuple(context.builder.types)
    for key in (context.path(name), name):
        for node in (step for step in context.builder.steps if isinstance(step, Node)):
            found = next((t for t in _tensors(types, node) or {} if node.key_of(t) == key), None)
            if found is not None:
                return Share(node.scope, mine.text, found)
    layer = _step_named(context, name.rpartition(".")[0] or name, tree)
    raise LoweringError("SPC005", f"{layer.kind} {layer.scope} has no tensor {name.rpartition('.')[2]}", tree.span)


def _step_named(context: Context, name: str, tree: Scalar) -> Step:
    """Return the earlier layer of this body that has a key; raise SPC005 if there is none."""
    made = {step.scope: step for step in context.builder.steps}
    # Relative to the structure around the layer first, then from the root of the body.
    for candidate in (context.path(name), name):
        if candidate in made:
            return made[candidate]
    named = context.names.find(name)
    # An empty list (a port that is left out) is no failure: nothing has been reported.
    if named is not None and named.bundle and not any(context.type_of(value).known for value in named.bundle):
        raise Suppressed  # it failed, so that its keys are not known
    spelt = respell(context, tree)
    if spelt is not None:
        message = f"there is no earlier layer {name} to share with"
        raise LoweringError("SPC005", message, tree.span, insertion_hint(spelt), fix=rewrite_reference(tree, spelt))
    close = did_you_mean(name, sorted(made))
    hint = f"did you mean {close}?" if close else "share names an earlier layer of the same body by its key"
    raise LoweringError("SPC005", f"there is no earlier layer {name} to share with", tree.span, hint)


def find_share_mismatches(body: Body) -> Iterator[LoweringError]:
    """Yield an error for every share whose tensors are not those that the layer would own itself (SHP007)."""
    made = {step.scope: step for step in body.steps}
    for step in body.steps:
        for share in step.share:
            other = made[share.path]
            mine, theirs = _tensors(body.types, step), _tensors(body.types, other)
            if mine is None or theirs is None:
                continue  # a failure that has been reported
            problem = _misfit(step, other, share, mine, theirs)
            if problem is not None:
                yield problem


def _misfit(step: Step, other: Step, share: Share, mine: Shapes, theirs: Shapes) -> LoweringError | None:
    span, cause = step.origin.span, (Cause("the other layer", other.origin.span),)
    if not mine:
        return LoweringError("SPC002", f"{step.kind} has no weights to share", span)
    if share.tensor:
        if share.tensor not in mine:
            return LoweringError("SPC005", f"{step.kind} has no tensor {share.tensor}", span, _has(mine))
        if share.theirs not in theirs:  # a bias that was `auto` when `share` was resolved
            return LoweringError(
                "SPC005", f"{other.kind} {share.path} has no tensor {share.theirs}", span, _has(theirs), cause
            )
        mine, theirs = {share.tensor: mine[share.tensor]}, {share.tensor: theirs[share.theirs]}
    for name in (*mine, *theirs):
        if mine.get(name) != theirs.get(name):
            needs, has = _show(mine.get(name)), _show(theirs.get(name))
            message = f"this layer needs {needs} for {name or 'its tensor'}, and {share.path} has {has}"
            hint = "layers that share need the same widths, kernels and biases"
            return LoweringError("SHP007", message, span, hint, cause)
    return None


def _has(tensors: Shapes) -> str:
    return "it has " + ", ".join(tensors) if tensors else "it has none"


def _show(shape: tuple[int, ...] | None) -> str:
    return "none" if shape is None else "×".join(map(str, shape)) or "a number"


def _tensors(types: tuple[ValueType, ...], step: Step) -> Shapes | None:
    """Return the shapes of a step's tensors by their names below it; None where a type is unknown."""
    if isinstance(step, Call):
        found: Shapes = {}
        for inner in step.body.steps:
            below = _tensors(step.body.types, inner)
            if below is None:
                return None
            for name, shape in below.items():
                found[inner.key_of(name) if isinstance(inner, Node) else join(inner.scope, name)] = shape
        return found
    given = tuple(UNKNOWN if v is None else types[v] for v in step.inputs)
    # A port left out is UNKNOWN as well, but no failure.
    if not all(types[v].known for v in step.inputs if v is not None) or not all(t.known for t in step.outputs):
        return None
    return {tensor.name: tensor.shape for tensor in step.op.tensors(given)}
