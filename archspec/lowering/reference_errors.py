"""Errors about references: what a name could have meant, and where it is defined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from msgspec import Struct

from archspec.diagnostics import Span, spelling_fix, spelling_hint
from archspec.language.expressions import could_give
from archspec.language.layers import Branch, BranchesLayer, Placement, ResidualLayer, SequenceLayer
from archspec.lowering.context import Context, NamedValue, Omission
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import read_layers
from archspec.lowering.reference_spelling import insertion_hint, respell, rewrite_reference
from archspec.source import Scalar, Sequence

MOST_NAMES = 20  # in a hint

_SUM = re.compile(r"(?P<operator>[+*])")


class _Definition(Struct, frozen=True):
    """A place where a name is defined: the layer, and the structure around it, outermost first."""

    span: Span
    around: tuple[Placement, ...]
    is_constant: bool  # whether the name is no computed one


def omission_error(name: str, omission: Omission, span: Span) -> LoweringError:
    """Return the error for a reference to a layer that is left out."""
    message = f"{name} is left out here by its {omission.reason}"
    hint = "refer to it under the same `when`"
    if omission.is_repeated:
        hint = f"in a list, {name}.* is then empty; else refer to it under a `when`, as in {{from: {name}, when: ...}}"
    return LoweringError("SPC005", message, span, hint)


def index_error(named: NamedValue, path: str, index: int, tree: Scalar) -> LoweringError:
    """Return the error for `name[index]` where there is no such value."""
    count = len(named.bundle)
    if named.repeats is not None and not named.is_list and count == 1:
        message = f"{path} is repeated, and its value is one: that of the last repeat"
        shown = f"{path}.{list(named.repeats)[index]}" if -len(named.repeats) <= index < len(named.repeats) else ""
        hint = f"one repeat is {shown or f'{path}.0'}, the list of all {path}.*"
        return LoweringError("SPC005", message, tree.span, hint, fix=rewrite_reference(tree, shown) if shown else None)
    message = f"{path} has {count} values; there is no [{index}]"
    hint = f"the last is [{count - 1}]" if named.bundle else "it is an empty list"
    hint = "it is one value: leave the index out" if count == 1 else hint
    return LoweringError("SPC005", message, tree.span, hint)


def missing_part_error(context: Context, named: NamedValue, segment: str, path: str, tree: Scalar) -> LoweringError:
    """Return the error for a part that a named value does not have, with those that it has."""
    spelt = respell(context, tree)
    offers = [*named.exports]
    if named.repeats is not None:
        offers.extend(named.inner)
        offers.append(_turns(named.repeats))
        if any(segment == str(number) for number in range(max(named.repeats, default=0))):
            return omission_error(f"{named.path}.{segment}", Omission("`when`"), tree.span)
    elif named.inner:
        offers.extend(named.inner)
    if segment.isdecimal() and named.repeats is None and len(named.bundle) > 1:
        offers = [f'its {len(named.bundle)} values as "{named.path}[{segment}]", in quotes']
    hint = "it has " + "; ".join(offers[:MOST_NAMES])
    if not offers:
        hint = "a block shows what it lists under `outputs:`, nothing else"
        if segment == "*" or segment.isdecimal():
            hint = f"it is not repeated; {hint}"
        # The names inside structure that is not repeated are those of the body around it.
        if context.names.find(segment) is not None:
            hint = f"names inside a sequence belong to the body around it: write {segment}"
    if spelt is not None:
        hint = insertion_hint(spelt)
    fix = None if spelt is None else rewrite_reference(tree, spelt)
    return LoweringError("SPC005", f"{path}: there is no {segment}", tree.span, hint, fix=fix)


def _turns(repeats: dict[int, NamedValue]) -> str:
    """Return the numbers of the repeats that there are."""
    numbers = list(repeats)
    if not numbers:
        return "no repeat"
    if numbers != list(range(len(numbers))):
        return f"{', '.join(map(str, numbers[:MOST_NAMES]))}, or *"
    return f"0 to {len(numbers) - 1}, or *"


def unresolved_error(context: Context, path: str, tree: Scalar) -> LoweringError:
    """Return the error for a reference whose first name is not known here."""
    parts = path.split(".")
    prefixes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    for name in prefixes:
        omission = context.names.find_omission(name)
        if omission is not None:
            return omission_error(name, omission, tree.span)
    spelt = respell(context, tree)
    if spelt is not None:
        message, fix = f"there is no layer named {path}", rewrite_reference(tree, spelt)
        return LoweringError("SPC005", message, tree.span, insertion_hint(spelt), fix=fix)
    for name in prefixes:
        definitions = list(_find_definitions(context, name))
        if definitions:
            # Of several, one that can be reached from here.
            reachable = (found for found in definitions if _path_to(context, name, found, tree.span) is not None)
            return _out_of_reach_error(context, name, next(reachable, definitions[0]), tree.span)
    return _unknown_error(context, path, tree)


def _unknown_error(context: Context, path: str, tree: Scalar) -> LoweringError:
    message, ports = f"there is no layer named {path}", context.builder.ports
    if path.split(".")[0] == "input" and ports:
        if len(ports) > 1:
            message = f"input could be any of the {len(ports)} inputs"
        return LoweringError("SPC005", message, tree.span, "name the one that is meant: " + ", ".join(ports))
    # YAML reads `from: a, b` as one text.
    if "," in path:
        return LoweringError("SPC005", message, tree.span, f"several references are a list: [{path}]")
    indexed = path.split("[")[0]
    if indexed != path and (indexed == "prev" or context.names.find(indexed) is not None):
        message = f"{tree.text}: what follows {indexed} is no index"
        return LoweringError("SPC005", message, tree.span, f'one number in [ ] ends a reference: "{indexed}[0]"')
    # Reachable names only: a suggestion must not lead to the next error.
    known = [*context.names.visible(), "prev"]
    operator = _SUM.search(path)
    words = [word.strip() for word in _SUM.split(path)[::2]]
    if operator is not None and all(word in known for word in words):
        op = "add" if operator["operator"] == "+" else "multiply"
        return LoweringError("SPC005", message, tree.span, f"write a layer for it: `- {op}: [{', '.join(words)}]`")
    near = spelling_hint(path, known)
    hint = near or "names here: " + ", ".join(sorted(known)[:MOST_NAMES])
    if not near and context.in_slot:
        hint += "; the layers of a slot see no values of other places: give the block a port"
    fix = spelling_fix(path, known, tree.span) if tree.text == path else None
    return LoweringError("SPC005", message, tree.span, hint, fix=fix)


def _out_of_reach_error(context: Context, name: str, definition: _Definition, span: Span) -> LoweringError:
    """Return the error for a name that is defined in this body, but later, or inside structure that hides it.

    Raises Suppressed where that structure failed.
    """
    place = definition.span
    if place.contains(span):
        message, hint = f"{name} is the layer itself, or one around it", "a layer can only take what comes before it"
        return LoweringError("SPC005", message, span, hint)
    if place.file == span.file and (place.line, place.column) >= (span.line, span.column):
        hint = "a layer can only take what comes before it"
        return LoweringError("SPC005", f"{name} is defined later, at line {place.line}", span, hint)
    if any(layer.repeat is not None for layer in _hiding(definition, span)):
        return _hidden_by_repeat_error(context, name, definition, span)
    # Neither repeated nor left out: lowering what is around the name has failed.
    if context.lowering.failed and all(layer.when is None for layer in _hiding(definition, span)):
        raise Suppressed
    message = f"{name} is left out here with the layers around it, at line {place.line}"
    return LoweringError("SPC005", message, span, "refer to it under the same `when`")


def _hiding(definition: _Definition, span: Span) -> list[Placement]:
    """Return the structure around a definition that is not around a place as well."""
    return [layer for layer in definition.around if not layer.span.contains(span)]


def _hidden_by_repeat_error(context: Context, name: str, definition: _Definition, span: Span) -> LoweringError:
    """Return the error for a name that each repeat of the layers around it defines, with how to reach one of them."""
    message = f"{name} is defined inside a repeat, at line {definition.span.line}"
    found = _path_to(context, name, definition, span)
    if found is not None:
        every = re.sub(rf"\.\d+\.(?={re.escape(name)}\Z)", ".*.", found)
        hint = f"one is {found}" + (f", the list of all {every}" if definition.is_constant else "")
        return LoweringError("SPC005", message, span, hint)
    hint = f"give what is repeated a name: with `name: group`, {name} of the first repeat is group.0.{name}"
    return LoweringError("SPC005", message, span, hint)


def _path_to(context: Context, name: str, definition: _Definition, span: Span) -> str | None:
    """Return a reference that leads to a name inside a repeat; None if there is none."""
    paths = (_path_below(context, layer.name, name) for layer in _hiding(definition, span))
    return next((path for path in paths if path is not None), None)


def _path_below(context: Context, owner: str | None, name: str) -> str | None:
    """Return the reference to the first layer of a name below another named layer; None if it has none."""
    named = context.names.find(owner) if owner else None
    waiting = [] if named is None or owner is None else [(owner, named)]
    while waiting:
        path, value = waiting.pop(0)
        if name in value.inner and value.repeats is None:
            return f"{path}.{name}"
        waiting.extend((f"{path}.{number}", repeat) for number, repeat in (value.repeats or {}).items())
        if value.repeats is None:
            waiting.extend((f"{path}.{word}", inner) for word, inner in value.inner.items())
    return None


def _find_definitions(context: Context, name: str) -> Iterator[_Definition]:
    """Yield where the enclosing lists of layers define a name, before this place or after it."""
    # The outermost list is the first, and sees all structure around a name.
    for layers in context.lists:
        for written, definition in _definitions_in(layers, ()):
            # A computed name may always be another one: it is what was meant only if a repeat hides it.
            is_hidden = definition.is_constant or any(layer.repeat is not None for layer in definition.around)
            if is_hidden and could_give(written, name):
                yield definition


def _definitions_in(layers: tuple[object, ...], around: tuple[Placement, ...]) -> Iterator[tuple[str, _Definition]]:
    for layer in layers:
        if not isinstance(layer, Placement):
            continue
        if layer.name:
            yield layer.name, _Definition(layer.span, around, "${" not in layer.name)
        inside = (*around, layer)
        if isinstance(layer, (ResidualLayer, SequenceLayer, Branch)):
            yield from _definitions_in(layer.body, inside)
        if isinstance(layer, ResidualLayer) and isinstance(layer.shortcut, Sequence):
            with suppress(LoweringError):  # reported where the shortcut is lowered
                yield from _definitions_in(read_layers(layer.shortcut), inside)
        if isinstance(layer, BranchesLayer):
            yield from _definitions_in(layer.of, inside)
