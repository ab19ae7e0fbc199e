"""`from:` and the lists of `add` and `concat`: names of earlier values, to value numbers."""

from __future__ import annotations

import re
from typing import Any

from archspec.diagnostics import Cause, Span, did_you_mean, respelt
from archspec.ir.types import UNKNOWN
from archspec.language.layers import BranchesLayer, ResidualLayer, SequenceLayer
from archspec.lowering.context import Bundle, Context, NamedValue
from archspec.lowering.errors import LoweringError
from archspec.lowering.evaluate import interpolate_scalar
from archspec.source import Mapping, Scalar, Sequence, Tree, describe
from archspec.source.limits import REPEAT

MAX_DIGITS = 9  # of an index: more values than that no name has, and int() refuses some thousand digits

_INDEXED = re.compile(rf"(?P<path>.*?)\[(?P<index>-?\d{{1,{MAX_DIGITS}}})\]\Z")


def resolve_one(context: Context, tree: Tree) -> int:
    """Return the single value that a reference names; SHP010 if it names a tuple."""
    bundle = resolve_reference(context, tree)
    if len(bundle) != 1:
        name = tree.text if isinstance(tree, Scalar) else "the list"
        hint = f"choose one: {name}[0]; or join them with concat or add"
        raise LoweringError("SHP010", f"{name} is a tuple of {len(bundle)} values where one is needed", tree.span, hint)
    return bundle[0]


def resolve_many(context: Context, tree: Tree) -> Bundle:
    """Return all values that a reference or a list of references names, in order."""
    if not isinstance(tree, Sequence):
        return resolve_reference(context, tree)
    values: list[int] = []
    for item in tree.items:
        values.extend(resolve_reference(context, item))
        # Each item may be a tuple (`name.*`): checked while the list grows.
        if len(values) > REPEAT:
            raise LoweringError(
                "LIM005", f"more than {REPEAT:,} values at once", item.span, "join them in several steps"
            )
    return tuple(values)


def resolve_reference(context: Context, tree: Tree) -> Bundle:
    """Return the value, or the tuple of values, that one reference names."""
    if isinstance(tree, (Mapping, Sequence)):
        message = f"expected the name of an earlier layer, found {describe(tree)}"
        raise LoweringError("SPC002", message, tree.span, "name a layer, or write prev")
    written = interpolate_scalar(context, tree)
    indexed = _INDEXED.match(written)
    if indexed is None:
        return _resolve(context, written, tree)
    bundle = _resolve(context, indexed["path"], tree)
    index = int(indexed["index"])
    # A failed layer may have had several values: any index of it is unknown, and no error of its own.
    if len(bundle) == 1 and not context.type_of(bundle[0]).known:
        return bundle
    if not -len(bundle) <= index < len(bundle):
        message = f"{indexed['path']} has {len(bundle)} values; there is no [{index}]"
        hint = f"the last is [{len(bundle) - 1}]" if bundle else "it is an empty list"
        hint = "it is one value: leave the index out" if len(bundle) == 1 else hint
        raise LoweringError("SPC005", message, tree.span, hint)
    return (bundle[index],)


def _resolve(context: Context, path: str, tree: Scalar) -> Bundle:
    if path == "prev":
        return context.prev
    named, rest = _longest(context, path)
    if named is None:
        raise _unresolved(context, path, tree)
    for segment in rest:
        if segment == "*" and named.repeats is not None:
            return tuple(value for repeat in named.repeats for value in repeat.bundle)
        number = _parse_number(segment)
        if number is not None and named.repeats is not None and number < len(named.repeats):
            named = named.repeats[number]
        elif segment in named.exports:
            named = NamedValue(named.exports[segment], path, named.span)
        # What a failed layer would have exported is not known: no follow-up error.
        elif all(context.type_of(value) is UNKNOWN for value in named.bundle):
            return named.bundle
        else:
            raise _no_part(named, segment, path, tree)
    return named.bundle


def _parse_number(segment: str) -> int | None:
    """Return the number that a segment of a reference is; None for a name.

    `isdigit` alone accepts superscripts, which int() refuses, as it does thousands of digits.
    """
    return int(segment) if len(segment) <= MAX_DIGITS and segment.isascii() and segment.isdigit() else None


def _longest(context: Context, path: str) -> tuple[NamedValue | None, list[str]]:
    """Return the longest known prefix of a path, since names may contain dots, and the segments after it."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        named = context.names.find(".".join(parts[:length]))
        if named is not None:
            return named, parts[length:]
    return None, []


def _no_part(named: NamedValue, segment: str, path: str, tree: Scalar) -> LoweringError:
    offers = [f"{n}" for n in named.exports]
    if named.repeats is not None:
        offers.append(f"0 to {len(named.repeats) - 1}, or *" if named.repeats else "nothing: it is repeated 0 times")
    if _parse_number(segment) is not None and named.repeats is None and len(named.bundle) > 1:
        offers = [f'its {len(named.bundle)} values as "{named.path}[{segment}]", in quotes']
    hint = "it has " + "; ".join(offers) if offers else "a block shows what it lists under `outputs:`, nothing else"
    return LoweringError("SPC005", f"{path}: there is no {segment}", tree.span, hint)


def _unresolved(context: Context, path: str, tree: Scalar) -> LoweringError:
    first, later = path.split(".")[0], _names_defined_around(context)
    for name in (path, first):
        if context.names.is_skipped(name):
            return LoweringError(
                "SPC005", f"{name} is left out here by its `when`", tree.span, "refer to it under the same `when`"
            )
        if name in later:
            place = later[name]
            hint = "a layer can only take what comes before it"
            return LoweringError("SPC005", f"{name} is defined later, at line {place.line}", tree.span, hint)
    # Reachable names only: a suggestion must not lead to the next error.
    known = [*context.names.visible(), "prev"]
    # YAML reads `from: a, b` as one text.
    if "," in path:
        hint = f"several references are a list: [{path}]"
        return LoweringError("SPC005", f"there is no layer named {path}", tree.span, hint)
    close = did_you_mean(path, known)
    hint = f"did you mean {close}?" if close else "names here: " + ", ".join(sorted(known)[:20])
    fix = respelt(path, close, tree.span) if tree.text == path else None
    return LoweringError("SPC005", f"there is no layer named {path}", tree.span, hint, fix=fix)


def _names_defined_around(context: Context) -> dict[str, Span]:
    """Return the names that the enclosing lists of layers define, before this place or after it, with their spans."""
    found: dict[str, Span] = {}
    for layers in context.lists:
        names = _defined_names(layers)
        if not names.keys() <= found.keys():
            found.update(names)
    return found


def _defined_names(layers: tuple[Any, ...]) -> dict[str, Span]:
    """Return the names that a list of layers defines, also inside structure, with their spans."""
    found: dict[str, Span] = {}
    for layer in layers:
        if getattr(layer, "name", None):
            found[layer.name] = layer.span
        if isinstance(layer, (ResidualLayer, SequenceLayer)):
            found.update(_defined_names(layer.body))
        elif isinstance(layer, BranchesLayer):
            for branch in layer.of:
                found.update(_defined_names(branch.body))
    return found


def _duplicate_name(name: str, named: NamedValue, other: NamedValue, span: Span) -> LoweringError:
    """Return the error for a name that another layer of the body has; their keys may differ, references could not."""
    message, hint = f"two layers are named {name}", "give each a name of its own"
    if named.key != other.key:
        inner = max(named.key, other.key, key=lambda key: key.count("."))
        message += f", {other.key} and {named.key}: a reference could mean either"
        hint = (
            "the layers of a body have one set of names, also inside sequence, residual and branches. Give each a name "
            f"of its own; to keep the keys, write `name: {inner}` in a group without a name, or make the group a block"
        )
    return LoweringError("SPC010", message, span, hint, (Cause("the other one", other.span),))


def define(context: Context, name: str, named: NamedValue, span: Span) -> None:
    """Define a name for a value; raise SPC010 if the body has the name already."""
    named.key = context.path(name)
    other = context.names.find(name)
    if other is not None and name not in ("x", "input"):
        raise _duplicate_name(name, named, other, span)
    if name == "prev" or (other is not None):
        message = f"{name} always means a value of its own here; a layer cannot be named so"
        raise LoweringError("SPC010", message, span, "give the layer another name")
    context.names.known[name] = named
