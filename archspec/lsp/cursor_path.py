"""The path from the root of a tree to the cursor, each node with its role in the language."""

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
_EACH = {"params": "declaration", "values": "expression", "blocks": "block", "inputs": "input",
         "outputs": "reference", "variants": "variant", "init": "scheme", "shape": "expression",
         "share": "share", "expression": "expression"}  # fmt: skip
_DECLARATION = {"type": "type", "of": "of", "default": "literal", "first": "flag"}


class CursorNode(Struct, frozen=True):
    """A node with its role, which decides what may be written there.

    `callee` and `parameter` are the op or block and the argument that it belongs to, `block` the block around it.
    """

    role: str
    tree: Tree
    callee: str = ""
    parameter: Parameter | None = None
    block: str = ""


class CursorPath(Struct, frozen=True):
    """The nodes from the root to the cursor, the innermost last; `key` is the key under the cursor, if any."""

    nodes: tuple[CursorNode, ...]
    key: Scalar | None = None

    @property
    def last(self) -> CursorNode:
        return self.nodes[-1]


def find_cursor_path(tree: Tree, line: int, column: int, definitions: Definitions) -> CursorPath:
    """Return the path to a line and column, both from 1."""
    nodes = [CursorNode("spec", tree)]
    while True:
        below = _nearest(nodes[-1], line, column)
        if below is None:
            return CursorPath(tuple(nodes))
        if isinstance(below, tuple):
            return CursorPath(tuple(nodes), below[0])
        nodes.append(child_node(nodes[-1], below, definitions))


def _nearest(node: CursorNode, line: int, column: int) -> Tree | tuple[Scalar] | None:
    """Return the item or value under the cursor, or the key in a tuple.

    Values behind an alias are skipped: their spans are those of the anchor.
    """
    if isinstance(node.tree, Sequence):
        found = [item for item in node.tree.items if item.alias is None and within(item.span, line, column)]
        # Two items that touch both contain the place between them.
        return min(found, key=lambda item: extent(item.span), default=None)
    if isinstance(node.tree, Mapping):
        for key, value in node.tree.entries:
            if within(key.span, line, column):
                return (key,)
            if value.alias is None and value.span != key.span and within(value.span, line, column):
                return value
    return None


def callee_of(node: CursorNode) -> str:
    """Return the op or block whose arguments a mapping's keys are; empty where they are something else."""
    if node.role == "call":
        return node.callee
    if node.role not in ("layer", "shortcut", "block value") or not isinstance(node.tree, Mapping):
        return ""
    block = node.tree.get("block")
    return block.text if isinstance(block, Scalar) else ""


def child_node(node: CursorNode, tree: Tree, definitions: Definitions) -> CursorNode:
    """Return an item or value with its role, which follows from that of its parent and its key."""
    below = CursorNode(_EACH.get(node.role, "text"), tree, node.callee, None, node.block)
    key = tree.key.text if tree.key is not None and isinstance(node.tree, Mapping) else ""
    match node.role:
        case "spec" | "block":
            return replace(below, role=(_SPEC if node.role == "spec" else _BLOCK).get(key, "text"))
        case "blocks":
            return replace(below, block=key)
        case "declaration":
            return replace(below, role=_DECLARATION.get(key, "text")) if key else replace(below, role="literal")
        case "input":
            role = {"shape": "shape", "kind": "kind", "range": "expression"}.get(key, "expression")
            return replace(below, role=role)
        case "ports":
            return replace(below, role="port" if isinstance(tree, Mapping) else "kind")
        case "port" | "kind":
            # The kind of a port of several values is a list of one.
            return replace(below, role="kind" if key in ("kind", "") else "literal")
        case "reference":
            is_item = isinstance(node.tree, Sequence) and isinstance(tree, Mapping)
            return replace(below, role="reference_item" if is_item else "reference")
        case "reference_item":
            return replace(below, role=_LAYER.get(key, "text"))
        case "variant":
            return replace(below, role="literal", callee="")
        case "defaults":
            return _default(below, key)
        case "layers":
            return replace(below, role="layer")
        case "layer" | "shortcut" | "block value":
            return _layer(node, below, key, definitions)
        case "call":
            return _argument(below, key, definitions)
        case "argument":
            return replace(below, role="item", parameter=node.parameter)
    return _structure(node, below, key)


def _default(below: CursorNode, key: str) -> CursorNode:
    if key in ROLES:
        return replace(below, role="shortcut" if key == "shortcut" else "block value")
    return replace(below, role="call", callee=key)


def _layer(node: CursorNode, below: CursorNode, key: str, definitions: Definitions) -> CursorNode:
    """Return the node under a layer's key: structure, arguments of an op or block, or the main argument."""
    tree = node.tree
    assert isinstance(tree, Mapping | Sequence)
    if isinstance(tree, Sequence):
        return replace(below, role="layer")
    block = tree.get("block")
    if block is not None:
        if key == "block":
            return replace(below, role="block value")
        return _argument(replace(below, callee=callee_of(node)), key, definitions)
    if key in RESERVED:
        return replace(below, role=_LAYER.get(key, "text"))
    if key in STRUCTURE:
        roles = {"layers": "slot", "network": "network" if isinstance(below.tree, Mapping) else "file"}
        return replace(below, role=roles.get(key, key), callee="")
    below = replace(below, role="call", callee=key)
    if isinstance(below.tree, Mapping):
        return below
    # `add: [a, b]`: an op of many inputs takes references in place of a main argument.
    definition = _found(definitions, key)
    if isinstance(definition, OpDefinition) and any(port.variadic for port in definition.op.ports):
        return replace(below, role="reference")
    return replace(below, role="argument", parameter=definition.main if definition else None)


def _argument(below: CursorNode, key: str, definitions: Definitions) -> CursorNode:
    if key in RESERVED:
        return replace(below, role=_LAYER.get(key, "text"))
    definition = _found(definitions, below.callee)
    parameter = next((p for p in definition.parameters if p.name == key), None) if definition else None
    kinds = {"layers": "layers", "block": "shortcut" if key == "shortcut" else "block value"}
    role = kinds.get(parameter.type, "argument") if parameter else "argument"
    # A parameter of layers may name another such parameter (`layers: body`).
    if role == "layers" and not isinstance(below.tree, Sequence):
        role = "slot"
    return replace(below, role=role, parameter=parameter)


def _structure(node: CursorNode, below: CursorNode, key: str) -> CursorNode:
    """Return the node under a key of residual, branches, sequence, network or of what they hold."""
    if key in RESERVED and node.role in ("residual", "branches", "sequence", "network", "branch"):
        return replace(below, role=_LAYER.get(key, "text"))
    match node.role:
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
            here = "spec" if isinstance(below.tree, Mapping) else "file"
            role = {"spec": here, "variant": "network variant", "params": "values"}.get(key, "text")
        case _:
            return below
    return replace(below, role=role)


def _branch(tree: Tree) -> str:
    return "branch" if isinstance(tree, Mapping) else "layers"


def _found(definitions: Definitions, name: str) -> Definition | None:
    """Return the definition of a name in the scope of the spec."""
    return definitions.find(name, library=False) if name else None
