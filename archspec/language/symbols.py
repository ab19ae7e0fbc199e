"""The symbol table: the name of an op or block to its definition.

A spec's own blocks come first, then the library's, then the ops; library blocks see only the last two, so that a spec
cannot change what a library block is made of.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path

from msgspec import Struct, field

from archspec.errors import SpecError
from archspec.ir.op import Op
from archspec.ir.parameters import REQUIRED, Parameter
from archspec.language.expression_tokens import CONSTANTS, KEYWORDS
from archspec.language.layers import RESERVED, STRUCTURE
from archspec.language.load import Spec
from archspec.language.models import BlockDocument, ParameterDeclaration
from archspec.language.parse import parse_library
from archspec.language.vocabulary import ROLES, SCOPE_NAMES, SHORTCUT_KINDS
from archspec.ops import find_op, on_registration, op_names
from archspec.source import Scalar, Sequence, Tree, read

EVALUATED = "<evaluated where it is used>"
LIBRARY = Path(__file__).parent.parent / "library"


class OpDefinition(Struct, frozen=True, eq=False):
    """An op with its name, class and parameters."""

    name: str
    op: type[Op]
    parameters: tuple[Parameter, ...]

    @property
    def description(self) -> str:
        """The first paragraph of the op's docstring."""
        return " ".join((self.op.__doc__ or "").split("\n\n")[0].split())

    @property
    def main(self) -> Parameter | None:
        """The parameter that `op: value` sets."""
        return next((p for p in self.parameters if p.main), None)


class DeclaredParameter(Struct, frozen=True, eq=False):
    """A block's parameter with the tree of its default, which is evaluated at each use of the block."""

    parameter: Parameter
    default: Tree | None
    literal: bool


class BlockDefinition(Struct, frozen=True, eq=False, dict=True):
    """A block by its name and model; those of the library see library blocks and ops only."""

    name: str
    model: BlockDocument
    declared: tuple[DeclaredParameter, ...]
    in_library: bool
    definitions: Definitions | None = None  # those of the spec that defines it; None in the library

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(d.parameter for d in self.declared)

    @property
    def description(self) -> str:
        """The block's `about`; empty if it has none."""
        return self.model.about or ""

    @property
    def main(self) -> Parameter | None:
        """The parameter that `block: value` sets: the first."""
        return self.declared[0].parameter if self.declared else None

    def takes(self, *names: str) -> bool:
        """Return whether the block declares all these parameters."""
        known = {d.parameter.name for d in self.declared}
        return known.issuperset(names)


Definition = OpDefinition | BlockDefinition


class Definitions(Struct, frozen=True):
    """The ops and blocks that a spec may use, by name, and where the paths in its text start.

    root: the directory that paths may not leave. file: the spec's own file, "" if it has none.
    """

    own: dict[str, BlockDefinition] = field(default_factory=dict)
    root: str = "."
    file: str = ""

    @property
    def directory(self) -> Path:
        """The directory that paths are relative to."""
        return Path(self.root) if self.file in ("", "-") else Path(self.file).parent

    def find(self, name: str, library: bool) -> Definition | None:
        """Return the definition of a name, seen from the spec or from inside the library, or None."""
        if not library and name in self.own:
            return self.own[name]
        return library_block(name) or op_definition(name)

    def names(self, library: bool) -> tuple[str, ...]:
        """Return every name that `find` knows."""
        own = () if library else tuple(self.own)
        return tuple(sorted({*own, *library_names(), *op_names()}))


def definitions_of(spec: Spec) -> Definitions:
    """Return the symbol table of a spec."""
    definitions = Definitions({}, spec.root, spec.chain[-1] if spec.chain else "")
    blocks = spec.document.blocks
    definitions.own.update({name: _block(name, model, definitions) for name, model in blocks.items()})
    return definitions


@cache
def op_definition(name: str) -> OpDefinition | None:
    """Return the definition of the op of that name, or None."""
    op = find_op(name)
    return OpDefinition(name, op, op.parameters) if op else None


# The cache may hold None for the name of an op that is registered later.
on_registration(op_definition.cache_clear)


@cache
def library_names() -> tuple[str, ...]:
    """Return the names of all library blocks: one file each."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.yaml")))


@cache
def library_block(name: str) -> BlockDefinition | None:
    """Return the library block of that name, or None; its file is read at the first use."""
    if name not in library_names():
        return None
    file = library_file(name)
    text, found = read(str(file))
    library, more = parse_library(text or "", f"library/{name}.yaml")
    if library is None or name not in library.blocks:
        raise SpecError((*found, *more))
    return _block(name, library.blocks[name], None)


def library_file(name: str) -> Path:
    """Return the file of a library block."""
    return LIBRARY / f"{name}.yaml"


def _block(name: str, model: BlockDocument, definitions: Definitions | None) -> BlockDefinition:
    """Return a block of the spec that has these definitions, or one of the library (None)."""
    declared = tuple(declare(key, value) for key, value in model.params.items())
    return BlockDefinition(name, model, declared, definitions is None, definitions)


def declare(name: str, declaration: ParameterDeclaration) -> DeclaredParameter:
    """Return a declaration as a Parameter; the type of an untyped one is that of its literal default."""
    kind, of = declaration.type, declaration.of
    default: Tree | None = declaration.default
    if kind is None:
        kind = _type_of(default) if declaration.literal else "any"
    if kind == "list" and of is None:
        of = _element_type(default)
    parameter = Parameter(
        name=name,
        type=kind,
        first=declaration.first,
        ge=declaration.ge,
        gt=declaration.gt,
        choices=declaration.choices,
        of=of or "any",
        about=declaration.about or "",
        nullable=isinstance(default, Scalar) and default.value is None,
        # The default may be an expression over earlier parameters: its value differs from call to call.
        default=REQUIRED if default is None else EVALUATED,
    )
    return DeclaredParameter(parameter, default, declaration.literal)


def _type_of(tree: Tree | None) -> str:
    if isinstance(tree, Sequence):
        return "list"
    if isinstance(tree, Scalar):
        return {bool: "bool", int: "int", float: "float"}.get(type(tree.value), "any")
    return "any"


def _element_type(tree: Tree | None) -> str:
    """Return the element type of a list from its default: texts, or literal numbers."""
    if not isinstance(tree, Sequence) or not tree.items:
        return "any"
    kinds = {type(item.value) if isinstance(item, Scalar) else list for item in tree.items}
    if kinds == {str}:
        return "str"
    if kinds == {int}:
        return "int"
    return "float" if kinds <= {int, float} else "any"


def reserved_parameters(model: BlockDocument) -> tuple[str, ...]:
    """Return the parameters of a block whose names any layer reserves."""
    return tuple(name for name in model.params if name in RESERVED)


def why_taken(name: str) -> str:
    """Return why a block cannot have a name: what the language itself means by it; "" for a name that is free.

    The name of an op or a library block is free: the spec then uses its own.
    """
    if name in STRUCTURE:
        return f"`{name}:` is structure of the language, not a call"
    if name in RESERVED:
        return f"`{name}:` is a key that any layer may carry"
    if name == "block":
        return "`block:` begins the long form of a layer"
    if name in ROLES:
        return f"`{name}` is a role, which `defaults` fills"
    if name in SHORTCUT_KINDS:
        return f"`shortcut: {name}` is a kind of shortcut"
    if name == "default":
        return "`default` passes on what the defaults say"
    if name in SCOPE_NAMES:
        return f"`{name}` is a value in every expression"
    return f"`{name}` is a word of expressions" if name in (*KEYWORDS, *CONSTANTS) else ""
