"""What stands where in a spec's tree: the way from the top to the cursor, each node with the part it plays."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from archspec.ir.parameters import Parameter
from archspec.language.layers import RESERVED, STRUCTURE
from archspec.language.symbols import Definition, Definitions, OpDefinition
from archspec.language.vocabulary import ROLES
from archspec.lsp.positions import extent, within
from archspec.source import Mapping, Scalar, Sequence, Tree

_SPEC = {
    "input": "shape", "inputs": "inputs", "sizes": "values", "params": "params", "let": "values", "extends": "file",
    "defaults": "defaults", "blocks": "blocks", "stem": "layers", "stages": "layers", "head": "layers",
    "outputs": "outputs", "variants": "variants", "budget": "budget",
}  # fmt: skip
_BLOCK = {"params": "params", "let": "values", "inputs": "ports", "defaults": "defaults", "body": "layers",
          "outputs": "outputs"}  # fmt: skip
_LAYER = {"from": "reference", "when": "condition", "repeat": "expression", "share": "share", "init": "init",
          "defaults": "defaults", "name": "name"}  # fmt: skip
_EACH = {"params": "declaration", "values": "expression", "blocks": "block", "inputs": "input", "ports": "kind",
         "outputs": "reference", "variants": "variant", "init": "scheme", "shape": "expression",
         "reference": "reference", "share": "share", "expression": "expression"}  # fmt: skip
_DECLARATION = {"type": "type", "of": "of", "default": "literal", "first": "flag"}


class Place(Struct, frozen=True):
    """A node with its part: `role` says what may stand there, `callee` whose argument it is, `block` in whose body."""

    role: str
    tree: Tree
    callee: str = ""
    parameter: Parameter | None = None
    block: str = ""


class Cursor(Struct, frozen=True):
    """The places from the top to the cursor, the innermost last; `key` is the key that the cursor is on, if any."""

    places: tuple[Place, ...]
    key: Scalar | None = None

    @property
    def last(self) -> Place:
        return self.places[-1]


def cursor_at(tree: Tree, line: int, column: int, definitions: Definitions) -> Cursor:
    """Where a line and column, from 1, lie in a tree."""
    places = [Place("spec", tree)]
    while True:
        below = _nearest(places[-1], line, column)
        if below is None:
            return Cursor(tuple(places))
        if isinstance(below, tuple):
            return Cursor(tuple(places), below[0])
        places.append(child(places[-1], below, definitions))


def _nearest(place: Place, line: int, column: int) -> Tree | tuple[Scalar] | None:
    """The item or value under the cursor, or the key in a tuple; values behind an alias stand elsewhere."""
    if isinstance(place.tree, Sequence):
        found = [item for item in place.tree.items if item.alias is None and within(item.span, line, column)]
        return min(found, key=lambda item: extent(item.span), default=None)
    if isinstance(place.tree, Mapping):
        for key, value in place.tree.entries:
            if within(key.span, line, column):
                return (key,)
            if value.alias is None and value.span != key.span and within(value.span, line, column):
                return value
    return None


def callee_at(place: Place) -> str:
    """The op or block whose arguments a mapping's keys are; empty where they are something else."""
    if place.role == "call":
        return place.callee
    if place.role not in ("layer", "shortcut", "block value") or not isinstance(place.tree, Mapping):
        return ""
    block = place.tree.get("block")
    return block.text if isinstance(block, Scalar) else ""


def child(place: Place, tree: Tree, definitions: Definitions) -> Place:
    """The part that an item or a value plays, by that of the collection it stands in."""
    below = Place(_EACH.get(place.role, "text"), tree, place.callee, None, place.block)
    key = tree.key.text if tree.key is not None and isinstance(place.tree, Mapping) else ""
    match place.role:
        case "spec" | "block":
            return replace(below, role=(_SPEC if place.role == "spec" else _BLOCK).get(key, "text"))
        case "blocks":
            return replace(below, block=key)
        case "declaration":
            return replace(below, role=_DECLARATION.get(key, "text")) if key else replace(below, role="literal")
        case "input":
            role = {"shape": "shape", "kind": "kind", "range": "expression"}.get(key, "expression")
            return replace(below, role=role)
        case "variant":
            return replace(below, role="literal", callee="")
        case "defaults":
            return _default(below, key)
        case "layers":
            return replace(below, role="layer")
        case "layer" | "shortcut" | "block value":
            return _layer(place, below, key, definitions)
        case "call":
            return _argument(below, key, definitions)
        case "argument":
            return replace(below, role="item", parameter=place.parameter)
    return _structure(place, below, key)


def _default(below: Place, key: str) -> Place:
    if key in ROLES:
        return replace(below, role="shortcut" if key == "shortcut" else "block value")
    return replace(below, role="call", callee=key)


def _layer(place: Place, below: Place, key: str, definitions: Definitions) -> Place:
    """What stands under a layer's key: structure, the arguments of an op or block, or its main one."""
    tree = place.tree
    assert isinstance(tree, Mapping | Sequence)
    if isinstance(tree, Sequence):
        return replace(below, role="layer")
    block = tree.get("block")
    if block is not None:
        if key == "block":
            return replace(below, role="block value")
        return _argument(replace(below, callee=callee_at(place)), key, definitions)
    if key in RESERVED:
        return replace(below, role=_LAYER.get(key, "text"))
    if key in STRUCTURE:
        roles = {"layers": "slot", "network": "network" if isinstance(below.tree, Mapping) else "file"}
        return replace(below, role=roles.get(key, key), callee="")
    below = replace(below, role="call", callee=key)
    if isinstance(below.tree, Mapping):
        return below
    definition = _found(definitions, key)
    if isinstance(definition, OpDefinition) and any(port.variadic for port in definition.op.ports):
        return replace(below, role="reference")
    return replace(below, role="argument", parameter=definition.main if definition else None)


def _argument(below: Place, key: str, definitions: Definitions) -> Place:
    if key in RESERVED:
        return replace(below, role=_LAYER.get(key, "text"))
    definition = _found(definitions, below.callee)
    parameter = next((p for p in definition.parameters if p.name == key), None) if definition else None
    kinds = {"layers": "layers", "block": "shortcut" if key == "shortcut" else "block value"}
    role = kinds.get(parameter.type, "argument") if parameter else "argument"
    if role == "layers" and not isinstance(below.tree, Sequence):
        role = "slot"
    return replace(below, role=role, parameter=parameter)


def _structure(place: Place, below: Place, key: str) -> Place:
    """Inside residual, branches, sequence, network and what they hold."""
    if key in RESERVED and place.role in ("residual", "branches", "sequence", "network", "branch"):
        return replace(below, role=_LAYER.get(key, "text"))
    match place.role:
        case "residual":
            role = {"body": "layers", "shortcut": "shortcut", "merge": "merge", "": "layer"}.get(key, "text")
        case "sequence" | "branch":
            role = {"body": "layers", "merge": "choice", "": "layer"}.get(key, "text")
        case "branches":
            role = {"of": "branch list", "merge": "choice", "": _branch(below.tree)}.get(key, "text")
        case "branch list":
            role = _branch(below.tree)
        case "merge":
            role = "layers" if key == "gate" else "text"
        case "network":
            role = {"spec": "file", "variant": "network variant", "params": "values"}.get(key, "text")
        case _:
            return below
    return replace(below, role=role)


def _branch(tree: Tree) -> str:
    return "branch" if isinstance(tree, Mapping) else "layers"


def _found(definitions: Definitions, name: str) -> Definition | None:
    """The definition of a name, as the spec sees it."""
    return definitions.find(name, library=False) if name else None
