"""`from:` and the lists of `add` and `concat`: names of earlier values, to value numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence as Segments

from archspec.diagnostics import Cause, Span
from archspec.ir.types import UNKNOWN
from archspec.language.expressions import inserted_identifiers
from archspec.language.layers import ReferenceItem
from archspec.lowering.context import Bundle, Context, NamedValue
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import evaluate_flag, interpolate_scalar
from archspec.lowering.reference_errors import index_error, missing_part_error, unresolved_error
from archspec.source import Mapping, Scalar, Sequence, Tree, describe
from archspec.source.limits import REPEAT

MAX_DIGITS = 9  # of an index: more values than that no name has, and int() refuses some thousand digits

_INDEXED = re.compile(rf"(?P<path>.*?)\[(?P<index>-?\d{{1,{MAX_DIGITS}}})\]\Z", re.ASCII)


def resolve_one(context: Context, tree: Tree) -> int:
    """Return the single value that a reference names; SHP010 if it names a tuple."""
    bundle = resolve_reference(context, tree)
    if len(bundle) != 1:
        name = tree.text if isinstance(tree, Scalar) else "the list"
        hint = f"choose one: {name}[0]; or join them with concat or add"
        if not bundle:
            hint = "it is empty here: leave the layer out by the same condition, with `when`"
        raise LoweringError("SHP010", f"{name} is a tuple of {len(bundle)} values where one is needed", tree.span, hint)
    return bundle[0]


def resolve_many(context: Context, tree: Tree) -> Bundle:
    """Return all values that a reference or a list of references names, in order."""
    if not isinstance(tree, Sequence):
        return resolve_reference(context, tree)
    values: list[int] = []
    for item in tree.items:
        values.extend(_resolve_item(context, item))
        # Each item may be a tuple (`name.*`): checked while the list grows.
        if len(values) > REPEAT:
            raise LoweringError(
                "LIM005", f"more than {REPEAT:,} values at once", item.span, "join them in several steps"
            )
    return tuple(values)


def _resolve_item(context: Context, item: Tree) -> Bundle:
    """Return the values of one item of a list: a reference, or `{from: reference, when: condition}`."""
    if not isinstance(item, Mapping):
        return resolve_reference(context, item)
    for key, _ in item.entries:
        if key.text not in ReferenceItem.known_keys():
            hint = "an item of a list is a name, or {from: name, when: condition}"
            raise LoweringError("SPC001", f"an item of a list of references has no key {key.text}", key.span, hint)
    source, condition = item.get("from"), item.get("when")
    if source is None:
        hint = "write {from: name, when: condition}"
        raise LoweringError("SPC009", "an item of a list of references needs `from`", item.span, hint)
    # The reference behind a false condition may name what is left out by the same condition.
    if condition is not None and not evaluate_flag(context, condition, "when"):
        return ()
    return resolve_many(context, source)


def resolve_reference(context: Context, tree: Tree) -> Bundle:
    """Return the value, or the tuple of values, that one reference names."""
    if isinstance(tree, (Mapping, Sequence)):
        message = f"expected the name of an earlier layer, found {describe(tree)}"
        raise LoweringError("SPC002", message, tree.span, "name a layer, or write prev")
    written = interpolate_scalar(context, tree)
    indexed = _INDEXED.match(written)
    if indexed is None:
        return _resolve(context, written, tree).bundle
    named = _resolve(context, indexed["path"], tree)
    bundle, index = named.bundle, int(indexed["index"])
    # A failed layer may have had several values: any index of it is unknown, and no error of its own.
    if len(bundle) == 1 and not context.type_of(bundle[0]).known:
        return bundle
    is_repeat = named.repeats is not None and not named.is_list and len(bundle) == 1 and len(named.repeats) > 1
    if is_repeat or not -len(bundle) <= index < len(bundle):
        raise index_error(named, indexed["path"], index, tree)
    return (bundle[index],)


def is_list(context: Context, tree: Scalar) -> bool:
    """Return whether a reference names a list, which may have any number of values: `name.*`, or a port of several."""
    return _resolve(context, interpolate_scalar(context, tree), tree).is_list


def _resolve(context: Context, path: str, tree: Scalar) -> NamedValue:
    if path == "prev":
        return NamedValue(context.prev, path, tree.span)
    parts = path.split(".")
    named, rest = _longest(context, parts)
    if named is not None:
        return _select(context, named, rest, path, tree)
    # The list of all repeats of a layer that is repeated 0 times is empty.
    for length in range(len(parts) - 1, 0, -1):
        omission = context.names.find_omission(".".join(parts[:length]))
        if omission is not None and omission.is_repeated and parts[length] == "*":
            return NamedValue((), path, tree.span, is_list=True)
    if context.builder.may_name_unknown(path):
        raise Suppressed
    raise unresolved_error(context, path, tree)


def _select(context: Context, named: NamedValue, rest: Segments[str], path: str, tree: Scalar) -> NamedValue:
    """Return the part of a named value that the remaining segments of a reference choose."""
    if not rest:
        return named
    segment, below = rest[0], rest[1:]
    if named.repeats is not None:
        if segment == "*":
            chosen = [_select(context, repeat, below, path, tree).bundle for repeat in named.repeats.values()]
            return NamedValue(tuple(v for bundle in chosen for v in bundle), path, named.span, is_list=True)
        number = _parse_number(segment)
        if number is not None and number in named.repeats:
            return _select(context, named.repeats[number], below, path, tree)
    if segment in named.exports:
        return _select(context, NamedValue(named.exports[segment], path, named.span), below, path, tree)
    for length in range(len(rest), 0, -1):
        inner = named.inner.get(".".join(rest[:length]))
        if inner is not None:
            return _select(context, inner, rest[length:], path, tree)
    # What a failed layer would have exported is not known: no follow-up error.
    if named.bundle and all(context.type_of(value) is UNKNOWN for value in named.bundle):
        return named
    raise missing_part_error(context, named, segment, path, tree)


def _parse_number(segment: str) -> int | None:
    """Return the number that a segment of a reference is; None for a name.

    `isdigit` alone accepts superscripts, which int() refuses, as it does thousands of digits.
    """
    return int(segment) if len(segment) <= MAX_DIGITS and segment.isascii() and segment.isdigit() else None


def _longest(context: Context, parts: list[str]) -> tuple[NamedValue | None, list[str]]:
    """Return the longest known prefix of a path, since names may contain dots, and the segments after it."""
    for length in range(len(parts), 0, -1):
        named = context.names.find(".".join(parts[:length]))
        if named is not None:
            return named, parts[length:]
    return None, []


def continues_turn(context: Context, tree: Tree) -> bool:
    """Return whether the turn of a repeat takes the value of the turn before in place of a reference.

    So does every turn but the first, unless the reference changes with the turn or is a list of several.
    """
    if isinstance(tree, Sequence) and len(tree.items) == 1:
        tree = tree.items[0]
    if not context.turn_names or not isinstance(tree, Scalar):
        return False
    return context.turn_names.isdisjoint(inserted_identifiers(tree.text))


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
