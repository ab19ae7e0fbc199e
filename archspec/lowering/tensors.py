"""Parse `init:` and `keys:`, the initialisation and the names of a layer's own tensors."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator

from archspec.diagnostics import Span
from archspec.ir.graph import Body, Initializer, Node
from archspec.ir.op import Op, Tensor
from archspec.language.layers import CallLayer
from archspec.language.vocabulary import FAN_SCHEMES, INIT_CHOICES, INIT_SCHEMES
from archspec.lowering.argument_errors import HINTS
from archspec.lowering.context import Context
from archspec.lowering.errors import LoweringError
from archspec.lowering.evaluate import evaluate_expression, interpolate_scalar
from archspec.lowering.module_names import why_reserved
from archspec.ops import find_op, op_names
from archspec.source import Mapping, Scalar, Tree, describe


def parse_init(context: Context, layer: CallLayer) -> tuple[Initializer, ...]:
    """Return the initialisations that a layer's `init:` declares, sorted by tensor."""
    if layer.init is None:
        return ()
    return tuple(sorted((_initial(context, name, tree) for name, tree in layer.init.items()), key=lambda i: i.tensor))


def _initial(context: Context, tensor: str, tree: Tree) -> Initializer:
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        key, inner = tree.entries[0]
        return Initializer(tensor, _scheme(key), _scheme_arguments(context, key, inner))
    if isinstance(tree, Scalar) and tree.text in INIT_SCHEMES:
        _require_value(tree, ())
        return Initializer(tensor, tree.text)
    if isinstance(tree, Scalar) and not isinstance(tree.value, (bool, type(None))):
        if isinstance(tree.value, str) and tree.text.isidentifier() and tree.text not in context.scope:
            _scheme(tree)
        value = evaluate_expression(context, tree)
        if isinstance(value, (int, float)):
            return Initializer(tensor, "constant", (("value", float(value)),))
    message = f"init of {tensor} is a number or a scheme, not {describe(tree)}"
    raise LoweringError("SPC002", message, tree.span, "the schemes: " + ", ".join(INIT_SCHEMES))


def _scheme(key: Scalar) -> str:
    if key.text not in INIT_SCHEMES:
        from archspec.language.suggestions import suggest_value  # for a mistake alone

        meant = suggest_value(key.text, INIT_SCHEMES, key.span)
        hint = meant.hint or "the schemes: " + ", ".join(INIT_SCHEMES)
        raise LoweringError("SPC005", f"there is no initialisation named {key.text}", key.span, hint, fix=meant.fix)
    return key.text


def _scheme_arguments(context: Context, key: Scalar, inner: Tree) -> tuple[tuple[str, float | str], ...]:
    allowed = INIT_SCHEMES[key.text]
    if not isinstance(inner, Mapping):
        raise LoweringError(
            "SPC002", f"the arguments of {key.text} are a mapping", inner.span, f"write {{{key.text}: {{...}}}}"
        )
    found: list[tuple[str, float | str]] = []
    for name, tree in inner.entries:
        if name.text not in allowed or not isinstance(tree, Scalar):
            raise LoweringError(
                "SPC001", f"{key.text} has no argument {name.text}", name.span, "it takes " + ", ".join(allowed)
            )
        if name.text in INIT_CHOICES:
            found.append((name.text, _word(name, interpolate_scalar(context, tree), tree)))
            continue
        value = evaluate_expression(context, tree)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise LoweringError("SPC002", f"{name.text} takes a number", tree.span, HINTS["float"])
        if name.text == "std" and value < 0:
            raise LoweringError(
                "SPC002", f"std is at least 0, not {value}", tree.span, "a standard deviation has no sign"
            )
        found.append((name.text, float(value)))
    given = dict(found)
    _require_value(key, given)
    low, high = given.get("low", 0.0), given.get("high", 1.0)
    if key.text == "uniform" and isinstance(low, float) and isinstance(high, float) and low > high:
        raise LoweringError("SPC002", f"low is {low:g} and high is {high:g}", inner.span, "low is at most high")
    return tuple(found)


def _require_value(scheme: Scalar, arguments: Container[str]) -> None:
    """Raise SPC009 for a constant without its value, the one argument of a scheme that has no default."""
    if scheme.text == "constant" and "value" not in arguments:
        raise LoweringError(
            "SPC009", "constant needs value", scheme.span, "write {constant: {value: 0.5}}, or only 0.5"
        )


def _word(name: Scalar, word: str, tree: Scalar) -> str:
    if word not in INIT_CHOICES[name.text]:
        from archspec.language.suggestions import suggest_value

        meant = suggest_value(word, INIT_CHOICES[name.text], tree.span)
        hint = meant.hint or "one of " + ", ".join(INIT_CHOICES[name.text])
        raise LoweringError("SPC002", f"{name.text} cannot be {word}", tree.span, hint, fix=meant.fix)
    return word


def find_tensor_mismatches(body: Body, layers: dict[int, CallLayer]) -> Iterator[LoweringError]:
    """Yield an error where `init:` or `keys:` names tensors that are not those of the layer's step.

    layers: the layers that have either, by the index of their step.
    """
    for index, layer in layers.items():
        step = body.steps[index]
        # Without its types an op's tensors have no shapes; the failure has been reported.
        if not isinstance(step, Node) or not all(t.known for t in step.outputs):
            continue
        tensors = step.op.tensors(body.input_types(step))
        yield from _init_mismatches(layer, step.op, tensors)
        yield from _key_mismatches(layer, step.op, tensors)


def _init_mismatches(layer: CallLayer, op: Op, tensors: tuple[Tensor, ...]) -> Iterator[LoweringError]:
    """Yield an error for each tensor of `init:` that the op does not have or that the scheme cannot fill."""
    shapes = {tensor.name: tensor.shape for tensor in tensors if tensor.role == "parameter"}
    for name, tree in (layer.init or {}).items():
        span = tree.key.span if tree.key else tree.span
        # A bare op's tensor has no name of its own, so that any name means it.
        if op.bare:
            shapes[name] = next(iter(shapes.values()), ())
        if name not in shapes:
            hint = _existing(shapes, "it has nothing to initialise") + _why_without(op, name)
            yield LoweringError("SPC005", f"{op.kind} has no tensor {name} here", span, hint)
            continue
        scheme = tree.entries[0][0].text if isinstance(tree, Mapping) else getattr(tree, "text", "")
        # torch computes fan-in and fan-out from the first two axes and refuses tensors with fewer.
        if scheme.startswith(FAN_SCHEMES) and len(shapes[name]) < 2:
            hint = "use normal, uniform, zeros, ones or a number"
            yield LoweringError(
                "SPC002", f"{scheme} needs a tensor of two axes or more; {name} has one", tree.span, hint
            )


def _key_mismatches(layer: CallLayer, op: Op, tensors: tuple[Tensor, ...]) -> Iterator[LoweringError]:
    """Yield an error unless `keys:` names the tensors that the op has, all of them and no others."""
    if layer.keys is None:
        return
    names = [tensor.name for tensor in tensors]
    surplus = next((name for name in layer.keys if name not in names), None)
    if surplus is not None or not names:
        what = f"tensor {surplus}" if surplus is not None else "tensors"
        span = _place(layer, surplus)
        hint = _existing(names, "it has none: leave keys out") + _why_without(op, surplus or "weight")
        yield LoweringError("SPC009", f"{op.kind} has no {what} here to rename", span, hint)
    elif set(layer.keys) != set(names):
        wanted = sorted(names)
        message = f"keys renames all tensors of a layer: {', '.join(wanted)}"
        hint = f"name each of them: {{{': ..., '.join(wanted)}: ...}}"
        yield LoweringError("SPC009", message, _place(layer), hint)


def _existing(names: Collection[str], otherwise: str) -> str:
    return "it has " + ", ".join(names) if names else otherwise


def _why_without(op: Op, tensor: str) -> str:
    """Return the end of a hint that says which attribute of the op removes a tensor."""
    if getattr(op, "affine", None) is False:
        return "; affine is off"
    if tensor != "bias" or getattr(op, "bias", None) is not False:
        return ""
    return "; bias is off, as `auto` is just before a norm that subtracts the mean: `bias: true` keeps it"


def parse_keys(context: Context, layer: CallLayer, op: Op) -> tuple[tuple[str, str], ...]:
    """Return the renamed tensors of a layer, which are then siblings of the layer, as `in_proj_weight`.

    Whether they are those that the layer has is checked once the body is finished.
    """
    if layer.keys is None:
        return ()
    if not op.renamable_tensors:
        renamable = [name for name in op_names() if (other := find_op(name)) is not None and other.renamable_tensors]
        message = f"keys renames the tensors of {', '.join(renamable)}, not of {op.kind}"
        raise LoweringError("SPC002", message, _place(layer), "name the layer instead")
    found = []
    for name, tree in layer.keys.items():
        if not isinstance(tree, Scalar) or not tree.text:
            raise LoweringError(
                "SPC002", f"the key of {name} is a text", tree.span, f"for example {name}: in_proj_{name}"
            )
        key = interpolate_scalar(context, tree)
        why = next(
            (why for part in key.split(".") if (why := why_reserved(part) if part else "it has an empty part")), ""
        )
        if why:
            raise LoweringError("SPC010", f"a tensor cannot be named {key}", tree.span, f"{why}; choose another name")
        # Renamed tensors are siblings of the layer, where another layer may have the key.
        context.builder.claim(context.path(key), tree.span, leaf=True)
        found.append((name, key))
    return tuple(sorted(found))


def _place(layer: CallLayer, tensor: str | None = None) -> Span:
    """Return the span of a renamed tensor, by default of the first one; of the layer where none is."""
    key = next((tree.key for name, tree in (layer.keys or {}).items() if tensor in (None, name)), None)
    return key.span if key is not None else layer.span
