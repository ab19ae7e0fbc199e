"""`init:` and `keys:`: what a layer says about its own tensors."""

from __future__ import annotations

from archspec.diagnostics import did_you_mean
from archspec.ir.graph import Initial
from archspec.lower.context import Context
from archspec.lower.evaluate import expression, interpolated
from archspec.lower.problem import Problem
from archspec.ops.base import Op
from archspec.source import Mapping, Scalar, Tree
from archspec.spec.layers import CallLayer

SCHEMES: dict[str, tuple[str, ...]] = {
    "zeros": (),
    "ones": (),
    "constant": ("value",),
    "normal": ("mean", "std"),
    "uniform": ("low", "high"),
    "truncated_normal": ("mean", "std", "low", "high"),
    "xavier_normal": ("gain",),
    "xavier_uniform": ("gain",),
    "kaiming_normal": ("mode", "nonlinearity"),
    "kaiming_uniform": ("mode", "nonlinearity"),
    "orthogonal": ("gain",),
    "default": (),
}
"""The named schemes and their arguments; each is torch.nn.init's of that name."""


def initial_of(context: Context, layer: CallLayer) -> tuple[Initial, ...]:
    """The schemes that a layer's `init:` names, by tensor."""
    if layer.init is None:
        return ()
    return tuple(sorted((_initial(context, name, tree) for name, tree in layer.init.items()), key=lambda i: i.tensor))


def _initial(context: Context, tensor: str, tree: Tree) -> Initial:
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        key, inner = tree.entries[0]
        return Initial(tensor, _scheme(key), _scheme_arguments(context, key, inner))
    if isinstance(tree, Scalar) and tree.text in SCHEMES:
        return Initial(tensor, tree.text)
    if isinstance(tree, Scalar) and not isinstance(tree.value, (bool, type(None))):
        if isinstance(tree.value, str) and tree.text.isidentifier() and tree.text not in context.scope:
            _scheme(tree)
        value = expression(context, tree)
        if isinstance(value, (int, float)):
            return Initial(tensor, "constant", (("value", float(value)),))
    raise Problem("SPC002", f"init of {tensor} is a number or one of {', '.join(SCHEMES)}", tree.span)


def _scheme(key: Scalar) -> str:
    if key.text not in SCHEMES:
        close = did_you_mean(key.text, SCHEMES)
        hint = f"did you mean {close}?" if close else "the schemes: " + ", ".join(SCHEMES)
        raise Problem("SPC005", f"there is no initialisation named {key.text}", key.span, hint)
    return key.text


def _scheme_arguments(context: Context, key: Scalar, inner: Tree) -> tuple[tuple[str, float | str], ...]:
    allowed = SCHEMES[key.text]
    if not isinstance(inner, Mapping):
        raise Problem("SPC002", f"the arguments of {key.text} are a mapping", inner.span)
    found: list[tuple[str, float | str]] = []
    for name, tree in inner.entries:
        if name.text not in allowed or not isinstance(tree, Scalar):
            raise Problem(
                "SPC001", f"{key.text} has no argument {name.text}", name.span, "it takes " + ", ".join(allowed)
            )
        if name.text in ("mode", "nonlinearity"):
            found.append((name.text, interpolated(context, tree)))
            continue
        value = expression(context, tree)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Problem("SPC002", f"{name.text} takes a number", tree.span)
        found.append((name.text, float(value)))
    return tuple(found)


RENAMABLE = ("linear", "conv", "embedding", "layer_norm")


def keys_of(context: Context, layer: CallLayer, op: Op) -> tuple[tuple[str, str], ...]:
    """The renamed tensors of a layer; all of them are, and then they lie beside it: `in_proj_weight`."""
    if layer.keys is None:
        return ()
    if op.kind not in RENAMABLE:
        message = f"keys renames the tensors of {', '.join(RENAMABLE)}, not of {op.kind}"
        raise Problem("SPC002", message, layer.span, "name the layer instead")
    biased = getattr(op, "bias", False) is not False
    wanted = {"weight", "bias"} if biased else {"weight"}
    if set(layer.keys) != wanted:
        raise Problem("SPC009", f"keys renames all tensors of a layer: {', '.join(sorted(wanted))}", layer.span)
    found = []
    for name, tree in layer.keys.items():
        if not isinstance(tree, Scalar) or not tree.text:
            raise Problem("SPC002", f"the key of {name} is a text", tree.span)
        key = interpolated(context, tree)
        context.builder.claim(context.path(key), tree.span, leaf=True)
        found.append((name, key))
    return tuple(sorted(found))
