"""The state of lowering: one Lowering for each run, one Context for each place in the spec."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic, Severity, Span
from archspec.ir.graph import Body
from archspec.ir.op import Check, raise_unless
from archspec.ir.parameters import show
from archspec.ir.types import ValueType
from archspec.language.free_names import free_names
from archspec.language.load import Spec
from archspec.language.symbols import BlockDefinition, Definitions
from archspec.lowering.builder import BodyBuilder
from archspec.lowering.cache import LoweredBody, LoweringCache
from archspec.lowering.errors import LoweringError, TooManyErrors
from archspec.lowering.values import DefaultBindings
from archspec.lowering.work_limits import WorkLimits
from archspec.source import Tree, plain

Bundle = tuple[int, ...]
"""The output values of a layer, by their numbers in the body: one, or several for a tuple."""

LoweredLayer = tuple[Bundle, dict[str, Bundle]]
"""The output values of a layer, and those that it exports by name."""

LoadedSpec = tuple[Spec | None, tuple[Diagnostic, ...]]
"""What reading a spec gives: the spec, if it could be read, and every finding."""

MAX_CALL_DEPTH = 24
MAX_DIAGNOSTICS = 200  # more are of no use to a reader, and each costs time


class BlockUse:
    """A block with all that its body depends on besides its input types: arguments, port widths and defaults.

    The hash is computed once, since arguments may be long and every call looks its body up.
    """

    __slots__ = ("_hash", "_key", "block")

    def __init__(
        self,
        block: BlockDefinition,
        arguments: tuple[tuple[str, Any], ...],
        widths: tuple[int, ...],
        defaults: DefaultBindings,
    ) -> None:
        self.block = block
        # With their types, since True == 1 == 1.0, and not every op takes all of these.
        self._key = (block, arguments, tuple([type(value) for _, value in arguments]), widths, defaults)
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, BlockUse) and self._hash == other._hash and self._key == other._key)

    def __hash__(self) -> int:
        return self._hash


class Frame(Struct):
    """An entry of the call stack, for messages: a block call, or a slot whose layers are being lowered."""

    block: str
    span: Span
    in_library: bool  # whether the call is written in the library
    arguments: dict[str, Tree] = field(default_factory=dict)  # those that are written in the call
    outer: BodyBuilder | None = None  # the body that holds the call; none for a network used as a layer
    inputs: Bundle = ()
    defaults: DefaultBindings = field(default_factory=DefaultBindings)  # those in force at the call
    slot: bool = (
        False  # its layers are written by the block's user: `block` is the slot's name, `span` its place in the block
    )

    def default_causes(self) -> list[Cause]:
        """Return causes for the user's defaults that chose the block or give it arguments."""
        roles = [
            (role, f"{role} stands for {value}") for role, value in self.defaults.roles if str(value) == self.block
        ]
        places = dict(self.defaults.places)
        chosen = (*roles, (self.block, f"the defaults of {self.block}"))
        causes = [(message, places.get(key)) for key, message in chosen]
        return [Cause(message, place) for message, place in causes if place is not None and not place.in_library]

    def argument_at_fault(self, names: frozenset[str]) -> Tree | None:
        """Return the written argument that one of the names refers to, if there is exactly one."""
        blamed = [tree for name, tree in self.arguments.items() if name in names]
        return blamed[0] if len(blamed) == 1 else None


class Lowering(Struct):
    """The state of one run of lowering: definitions, findings, and the bodies lowered so far."""

    definitions: Definitions
    diagnostics: list[Diagnostic] = field(default_factory=list)
    reported: set[tuple[str, Span, str]] = field(default_factory=set)
    bodies: dict[tuple[BlockUse, tuple[ValueType, ...]], LoweredBody] = field(default_factory=dict)
    uses: dict[int, BlockUse] = field(default_factory=dict)  # the use that a body was lowered for, by the body's id
    templates: dict[BlockUse, LoweredBody] = field(default_factory=dict)
    check: Check = raise_unless  # what is done where an op cannot take its sizes
    frames: list[Frame] = field(default_factory=list)
    networks: tuple[str, ...] = ()
    limits: WorkLimits = field(default_factory=WorkLimits)
    loaded: dict[tuple[str, str], LoadedSpec] = field(default_factory=dict)  # networks by their path and root
    network_weights: dict[int, tuple[Body, int]] = field(default_factory=dict)  # layers of networks, by the body's id
    input_spans: tuple[Span, ...] = ()  # where the network's inputs are declared
    block_index: int = 0  # turns of the spec's outermost repeats so far
    cache: LoweringCache = field(default_factory=LoweringCache)
    uncacheable: int = 0  # findings, and files read: a body in whose lowering this grows is not kept for other runs

    def report(self, problem: LoweringError) -> None:
        """Record an error as a Diagnostic.

        One inside the library is placed at the user's call that led there, at the argument at fault if it is known.
        """
        self.uncacheable += 1
        span, causes = problem.span, list(problem.causes)
        inner, names = span.in_library, problem.names
        for frame in reversed(self.frames):
            if inner and not frame.slot:
                causes.extend((Cause(f"in {frame.block}", span), *frame.default_causes()))
                blamed = frame.argument_at_fault(names)
                span, inner = (frame.span if blamed is None else blamed.span), frame.in_library
                names = frozenset() if blamed is None else free_names(blamed)
            elif not (inner or frame.in_library):
                causes.append(Cause(f"{frame.block} is used here", frame.span))
        # A fix edits the text at the error itself; moved to a call, there is nothing of the user's for it to edit.
        fix = problem.fix if span == problem.span else None
        diagnostic = Diagnostic(problem.code, problem.message, span, problem.severity, tuple(causes), problem.hint, fix)
        # A block's text is lowered once for each distinct use; its mistake is one all the same.
        key = (diagnostic.code, diagnostic.span, diagnostic.message)
        if key not in self.reported:
            self.reported.add(key)
            self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= MAX_DIAGNOSTICS:
            raise TooManyErrors(problem.code, problem.message, span)

    def add_body(self, use: BlockUse, types: tuple[ValueType, ...], lowered: LoweredBody) -> None:
        """Share a body with all later uses that are the same, and with those that differ in their sizes alone."""
        self.bodies[use, types] = lowered
        # `bodies` holds every body until the run is over, so that no id is used twice.
        self.uses[id(lowered.body)] = use
        if lowered.guards is not None:
            self.templates[use] = lowered  # the latest, whose sizes the next one most likely has, too

    @property
    def failed(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


class Segment(Struct):
    """A place in the module tree: a prefix, and the position of the next unnamed child."""

    prefix: str
    position: int = 0

    def take(self) -> int:
        """Return the position of the next unnamed child, and advance."""
        taken = self.position
        self.position += 1
        return taken


class NamedValue(Struct):
    """The meaning of a name: its last value, the values of each repeat, and the names below it.

    `key` is the layer's path within the body, once the name is defined.
    """

    bundle: Bundle
    path: str
    span: Span
    repeats: dict[int, NamedValue] | None = None  # by the number of the turn; a turn left out by `when` has none
    exports: dict[str, Bundle] = field(default_factory=dict)
    inner: dict[str, NamedValue] = field(default_factory=dict)  # the names of one turn of a repeated structure
    is_list: bool = False  # a block's port of several values, whose bundle is all of them
    key: str = ""


class Omission(Struct, frozen=True):
    """Why a named layer has no value here: the key that leaves it out."""

    reason: str
    is_repeated: bool = False  # the list of its repeats is then empty, and no error


class SymbolTable(Struct):
    """The names of one body, or of one turn of a repeat inside it, which outside are names below the repeat's."""

    parent: SymbolTable | None = None
    known: dict[str, NamedValue] = field(default_factory=dict)
    omitted: dict[str, Omission] = field(default_factory=dict)

    def find(self, name: str) -> NamedValue | None:
        if name in self.known:
            return self.known[name]
        return self.parent.find(name) if self.parent else None

    def find_omission(self, name: str) -> Omission | None:
        """Return why the layer of a name is left out; None if it is not."""
        if name in self.omitted:
            return self.omitted[name]
        return self.parent.find_omission(name) if self.parent is not None else None

    def visible(self) -> dict[str, NamedValue]:
        above = self.parent.visible() if self.parent else {}
        return {**above, **self.known}


class Context(Struct, frozen=True):
    """Everything that the meaning of a layer depends on; immutable, so that a branch cannot leak into its siblings."""

    lowering: Lowering
    definitions: Definitions  # those of the spec that the layer is written in, which may be held by another as a layer
    builder: BodyBuilder
    scope: dict[str, Any]
    in_library: bool  # whether names are looked up as the library's own files see them
    defaults: DefaultBindings
    names: SymbolTable
    segment: Segment
    prev: Bundle
    start: Bundle  # what `prev` was at the start of this body, residual or branch
    start_from: Span | None = None  # the branch's `from:` that chose it
    iteration: int = 0  # which repeat of the layer this is
    turn_names: frozenset[str] = frozenset()  # behind the first turn of a repeat, the names that change with the turn
    in_slot: bool = False  # whether these layers are an argument of a block
    lists: tuple[tuple[Any, ...], ...] = ()  # the lists of layers around here, for messages about later names

    def replace(self, **changes: Any) -> Context:
        """Return a copy with other fields."""
        return replace(self, **changes)

    def with_value(self, prev: Bundle) -> Context:
        """Return a copy with another running value."""
        return replace(self, prev=prev)

    def with_scope(self, **names: Any) -> Context:
        return self.replace(scope={**self.scope, **names})

    def type_of(self, value: int) -> ValueType:
        return self.builder.types[value]

    def path(self, name: str) -> str:
        prefix = self.segment.prefix
        return f"{prefix}.{name}" if prefix and name else prefix or name


class SlotValue:
    """Layers given to a block as an argument, with the context they were written in: a closure."""

    __slots__ = ("_key", "context", "tree")

    def __init__(self, tree: Tree, context: Context, names: frozenset[str]) -> None:
        self.tree, self.context = tree, context
        # Only names that the layers mention count, and equal text elsewhere is another value: origins show where it is.
        seen = tuple(sorted((n, v) for n, v in context.scope.items() if n in names))
        self._key = (id(tree), seen, context.defaults, context.in_library)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SlotValue) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return show(plain(self.tree))
