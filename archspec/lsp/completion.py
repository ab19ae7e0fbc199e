"""What may be written at the cursor: keys, ops and blocks, arguments, names of layers and parameters, choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from archspec.ir.parameters import Parameter, show
from archspec.language.files import gallery_names, variant_names
from archspec.language.functions import FUNCTIONS
from archspec.language.models import ELEMENT_TYPES, PARAMETER_TYPES, VALUE_KINDS
from archspec.language.vocabulary import INIT_SCHEMES
from archspec.lowering.ports import PORT_KINDS
from archspec.lsp import words
from archspec.lsp.analysis import UNTITLED, Analysis
from archspec.lsp.describe import about, argument_line, default_of
from archspec.lsp.marking import Marked, marked, other_keys
from archspec.lsp.names import body_names, loop_names, parameter_keys
from archspec.lsp.places import Place, callee_at
from archspec.source import Mapping as MappingTree
from archspec.source import Scalar


class Item(Struct, frozen=True):
    """One proposal: what is shown, what is written for it, of what kind it is, and what it means."""

    label: str
    kind: str  # key, op, block, structure, argument, layer, parameter, value, function, file
    about: str = ""
    written: str = ""

    @property
    def text(self) -> str:
        return self.written or self.label


class Completions(Struct, frozen=True):
    """The proposals, and the column at which the word begins that they stand for."""

    items: tuple[Item, ...]
    start: int


def complete(analysis: Analysis, line: int, column: int) -> Completions:
    """What may be written at a line and column of a text, whether or not the rest of it is right."""
    here = marked(analysis.text, line, column, analysis.definitions)
    if here is None:
        return Completions((), column)
    found = _keys(analysis, here) if here.is_key else _values(analysis, here)
    return Completions(tuple(dict.fromkeys(found)), here.start)


def _keys(analysis: Analysis, here: Marked) -> Iterator[Item]:
    place = here.cursor.last
    taken = other_keys(place.tree)
    for item in _possible_keys(analysis, here, place, taken):
        if item.label not in taken:
            yield item


def _possible_keys(analysis: Analysis, here: Marked, place: Place, taken: set[str]) -> Iterator[Item]:
    callee = callee_at(place)
    known = words.KEYS.get(place.role)
    if known is not None:
        yield from _described(known, "key")
        if place.role in words.CARRIERS:
            yield from _described(words.LAYER, "key")
    elif callee:
        yield from _arguments(analysis, callee)
        yield from _described(words.LAYER, "key")
    elif place.role == "call" or (place.role in ("layer", "shortcut") and taken):
        yield from _described(words.LAYER, "key")
    elif place.role in ("layer", "block value"):
        yield from callees(analysis, ": ", place.role == "layer")
    elif place.role == "shortcut":
        yield from callees(analysis, ": ", False)
        yield from _described(words.LAYER, "key")
    elif place.role == "defaults":
        yield from _described(words.ROLES, "key")
        yield from callees(analysis, ": ", False)
    elif place.role == "variant":
        yield from (Item(name, "parameter", written=f"{name}: ") for name in parameter_keys(here.tree, here.cursor))
    elif place.role == "merge":
        yield Item("gate", "key", words.MERGES["gate"], "gate: ")
    elif place.role == "scheme":
        yield from _plain(INIT_SCHEMES, "value")


def _arguments(analysis: Analysis, callee: str) -> Iterator[Item]:
    definition = analysis.definitions.find(callee, library=False)
    for parameter in definition.parameters if definition is not None else ():
        yield Item(parameter.name, "argument", argument_line(parameter, definition), f"{parameter.name}: ")


def _described(known: Mapping[str, str], kind: str) -> Iterator[Item]:
    return (Item(name, kind, meaning, f"{name}: ") for name, meaning in known.items())


def _plain(names: Iterable[str], kind: str) -> Iterator[Item]:
    return (Item(name, kind) for name in names)


def callees(analysis: Analysis, after: str, structure: bool) -> Iterator[Item]:
    """Every op and block that the spec may use; in a list of layers structure and the roles as well."""
    if structure:
        for name, meaning in words.STRUCTURE.items():
            yield Item(name, "structure", meaning, f"{name}: ")
        for name in ("norm", "act"):
            yield Item(name, "op", words.ROLES[name], f"{name}{after}")
    own = analysis.definitions.own
    for name in analysis.definitions.names(library=False):
        yield Item(name, "block" if name in own or _is_library(name) else "op", "", f"{name}{after}")


def _is_library(name: str) -> bool:
    from archspec.language.symbols import library_names

    return name in library_names()


def meaning_of(analysis: Analysis, name: str) -> str:
    """What an op or block is and takes, for a proposal that the user looks at."""
    definition = analysis.definitions.find(name, library=False)
    if definition is None:
        return ""
    lines = [about(definition)]
    for parameter in definition.parameters:
        default = default_of(definition, parameter)
        lines.append(f"- `{parameter.name}`" + (f" = {default}" if default else " (required)"))
    return "\n\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:])


def _values(analysis: Analysis, here: Marked) -> Iterator[Item]:
    place = here.cursor.last
    role = place.role
    if role == "layer":
        yield from callees(analysis, "", True)
    elif role == "spec":
        yield from _described(words.SPEC, "key")
    elif role in ("block value", "shortcut"):
        if role == "shortcut":
            yield from (Item(name, "value", meaning) for name, meaning in words.SHORTCUTS.items())
        yield Item("default", "value", "what the defaults say")
        yield from callees(analysis, "", False)
        yield from _names(here)
    elif role in ("reference", "share"):
        yield from _layers(analysis, here)
    elif role == "argument" or role == "item":
        yield from _argument_values(here, place.parameter)
    elif role in ("expression", "condition"):
        yield from _expression(here)
        if role == "condition":
            yield from _plain(("true", "false"), "value")
    elif role == "literal":
        yield from callees(analysis, "", False)
        yield from _plain(parameter_keys(here.tree, here.cursor), "parameter")
    else:
        yield from _choices(analysis, here, place)


def _choices(analysis: Analysis, here: Marked, place: Place) -> Iterator[Item]:
    """One of a few words, by the part that the value plays."""
    role, parent = place.role, here.cursor.places[-2].role if len(here.cursor.places) > 1 else ""
    if role == "merge":
        yield from (Item(name, "value", words.MERGES[name]) for name in ("add", "concat", "multiply"))
    elif role == "choice":
        yield from _plain(("concat", "add", "none") if parent == "branches" else ("concat", "add"), "value")
    elif role in ("type", "declaration"):
        yield from _plain(PARAMETER_TYPES, "value")
    elif role == "of":
        yield from _plain(ELEMENT_TYPES, "value")
    elif role == "flag":
        yield from _plain(("true", "false"), "value")
    elif role == "kind":
        yield from _plain(PORT_KINDS if parent == "ports" else VALUE_KINDS, "value")
    elif role == "scheme":
        yield from _plain(INIT_SCHEMES, "value")
    elif role in ("slot", "shape"):
        yield from _names(here)
    elif role == "file":
        yield from _plain(gallery_names(), "file")
        yield from _plain(_files(analysis), "file")
    elif role == "network variant":
        yield from _plain(_variants(here.cursor.places[-2].tree), "value")


def _layers(analysis: Analysis, here: Marked) -> Iterator[Item]:
    """The names of layers before the cursor, the last one first."""
    yield from (Item(name, "value", meaning) for name, meaning in words.VALUES.items())
    before = [n for n in body_names(here.tree, here.cursor) if n.span < here.cursor.last.tree.span]
    yield from _plain([n.text for n in reversed(before) if "${" not in n.text], "layer")
    if here.cursor.last.block and analysis.spec is not None:
        block = analysis.spec.document.blocks.get(here.cursor.last.block)
        yield from _plain(block.inputs if block is not None and block.inputs else ("x",), "layer")


def _argument_values(here: Marked, parameter: Parameter | None) -> Iterator[Item]:
    """The words that an argument takes, then what an expression may use."""
    if parameter is not None:
        yield from _plain((*parameter.choices, *parameter.words), "value")
        if parameter.type == "bool":
            yield from _plain(("true", "false"), "value")
        if not parameter.required and isinstance(parameter.default, (bool, int, float)):
            yield Item(show(parameter.default), "value", "the default")
    if parameter is None or parameter.type != "str":
        yield from _expression(here)


def _expression(here: Marked) -> Iterator[Item]:
    yield from _names(here)
    yield from (Item(name, "parameter", meaning) for name, meaning in words.SCOPE.items())
    yield from (
        Item(name, "function", f"{name}({', '.join(f.parameters)})", f"{name}(") for name, f in FUNCTIONS.items()
    )


def _names(here: Marked) -> Iterator[Item]:
    """The parameters, lets and loop variables that the cursor's place sees."""
    yield from _plain(parameter_keys(here.tree, here.cursor), "parameter")
    yield from _plain(loop_names(here.cursor), "parameter")


def _files(analysis: Analysis) -> list[str]:
    """The specs beside this one."""
    if analysis.file == UNTITLED:
        return []
    folder = Path(analysis.file).parent
    return sorted(f"./{p.name}" for p in folder.glob("*.yaml") if p.name != Path(analysis.file).name)


def _variants(tree: object) -> tuple[str, ...]:
    """The variants of the gallery's spec that a `network` names."""
    spec = tree.get("spec") if isinstance(tree, MappingTree) else None
    return variant_names(spec.text) if isinstance(spec, Scalar) and spec.text in gallery_names() else ()
