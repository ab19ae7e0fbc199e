"""The Graph: the meaning of a spec as plain data in topological order. Everything a user sees is derived from it.

A `Body` is a list of steps; a step is a `Node` (one op) or a `Call` (a block, whose Body is shared by every call that
is the same). Values are numbered within their body: first the body's inputs, then every step's outputs in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field

from archspec.diagnostics import Span
from archspec.ir.types import UNKNOWN, ValueType

if TYPE_CHECKING:
    from networkx import MultiDiGraph

    from archspec.ir.op import Op


RESIDUAL_MERGE = "the merge of a residual"
FAILED_LAYER = "in the place of a layer that failed"

NOTEBOOK_SECONDS = 20.0
"""The longest that a notebook waits for the picture of a Graph; it shows the table instead."""


class Origin(Struct, frozen=True):
    """The source of a step: its span in the text, and the reason if the compiler inserted it.

    `arguments` has the place of each attribute.
    """

    span: Span
    inserted: str = ""
    arguments: tuple[tuple[str, Span], ...] = ()


class Initializer(Struct, frozen=True):
    """The initialisation of a tensor: a scheme (zeros, ones, constant, normal, kaiming_normal ...) with arguments."""

    tensor: str
    scheme: str
    arguments: tuple[tuple[str, float | str], ...] = ()


class Share(Struct, frozen=True):
    """Tensors taken from another layer of the same body: all of them (`tensor` empty), or one (`theirs`)."""

    path: str
    tensor: str = ""
    theirs: str = ""


class Node(Struct, frozen=True, eq=False):
    """An op with its inputs (value numbers; None for an optional port left out) and its place in the module tree."""

    op: Op
    inputs: tuple[int | None, ...]
    outputs: tuple[ValueType, ...]
    scope: str
    origin: Origin
    keys: tuple[tuple[str, str], ...] = ()
    init: tuple[Initializer, ...] = ()
    share: tuple[Share, ...] = ()

    @property
    def kind(self) -> str:
        return self.op.kind

    @property
    def failed(self) -> bool:
        """Whether it is the placeholder of a failed layer; its inputs are what that may read, none if unknown."""
        return self.origin.inserted == FAILED_LAYER

    def key_of(self, tensor: str) -> str:
        """Return the state_dict key, within the body, of one of the op's tensors; a renamed one is next to the op."""
        # Renamed tensors belong to the parent module (docs/decisions/0005-renamed-tensors.md).
        renamed = dict(self.keys).get(tensor)
        return join(self.scope, tensor) if renamed is None else join(self.scope.rpartition(".")[0], renamed)


class Call(Struct, frozen=True, eq=False):
    """A use of a block: its body, its inputs, and its place in the module tree."""

    body: Body
    inputs: tuple[int | None, ...]
    scope: str
    origin: Origin
    share: tuple[Share, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()  # as written or evaluated, for people

    @property
    def kind(self) -> str:
        return self.body.block

    @property
    def outputs(self) -> tuple[ValueType, ...]:
        return self.body.output_types


Step = Node | Call


class Decision(Struct, frozen=True):
    """A decision of the compiler about a shortcut: `inserted` (a projection) or `dropped` (identity_if_same)."""

    kind: str
    path: str
    block: str
    reason: str
    span: Span
    steps: tuple[int, int] = (0, 0)  # the steps of the body that it put there: first, one past the last


class Body(Struct, frozen=True, eq=False, dict=True, weakref=True):
    """The steps of a block (or of the whole network), with scopes relative to where it is called.

    `outputs` holds `main` values that the block gives, then the exported ones, named in `exports` (name, first, count
    within outputs).
    """

    block: str
    ports: tuple[str, ...]
    inputs: tuple[ValueType, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    main: int = 1
    exports: tuple[tuple[str, int, int], ...] = ()
    decisions: tuple[Decision, ...] = ()
    span: Span | None = field(default=None)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The number of the first value of each step."""
        starts, value = [], len(self.inputs)
        for step in self.steps:
            starts.append(value)
            value += len(step.outputs)
        return tuple(starts)

    @cached_property
    def types(self) -> tuple[ValueType, ...]:
        """The type of every value, by its number."""
        types = list(self.inputs)
        for step in self.steps:
            types.extend(step.outputs)
        return tuple(types)

    @cached_property
    def output_types(self) -> tuple[ValueType, ...]:
        return tuple(self.types[v] for v in self.outputs)

    def input_types(self, step: Step) -> tuple[ValueType, ...]:
        """Return the types of a step's inputs, UNKNOWN for a port left out."""
        return tuple(UNKNOWN if v is None else self.types[v] for v in step.inputs)


class Section(Struct, frozen=True):
    """A row of the table: the stem, one top-level item of the stages, or the head; steps [first, last) of the body.

    `values` are the body's values that come out of it.
    """

    name: str
    first: int
    last: int
    span: Span
    values: tuple[int, ...]


class Placed(Struct, frozen=True):
    """A step with its full path and the calls that lead to it, outermost first."""

    path: str
    step: Step
    body: Body
    calls: tuple[Call, ...]

    @property
    def depth(self) -> int:
        return len(self.calls)


class Graph(Struct, frozen=True, eq=False):
    """A whole network: named inputs, a body, and how its table is divided.

    `outputs` names the outputs, or is empty where the network gives its last value.
    """

    name: str
    variant: str
    inputs: tuple[tuple[str, ValueType], ...]
    body: Body
    sections: tuple[Section, ...]
    outputs: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return a table of the blocks and ops of its own body; `summarize` has their costs, `to_json` all of it."""
        from archspec.ir.table import render_table

        return render_table(self)

    def _repr_svg_(self) -> str | None:
        """Return the picture for a notebook; None, so that the table is shown, where there is none in time."""
        # Pictures are made above this room; the public name is what a user of the Graph has at hand as well.
        import archspec

        try:
            return archspec.draw(self, time_limit=NOTEBOOK_SECONDS).decode()
        except archspec.PictureError:
            return None

    def walk(self) -> Iterator[Placed]:
        """Yield every call and node with its full path in order of execution, a call before its steps."""
        yield from _walk(self.body, "", ())

    def nodes(self) -> Iterator[Placed]:
        """Yield every op with its full path."""
        return (placed for placed in self.walk() if isinstance(placed.step, Node))

    def to_networkx(self) -> MultiDiGraph[str]:
        """Return the ops and the values between them as a directed networkx multigraph.

        Nodes are ops by module path, and ports as `input:NAME` and `output:NAME`. Each has a `role` (input, op or
        output) and `types`, the ValueTypes of its outputs (of an output: the one that it is); an op also its `kind`,
        its `op` and its `calls`, the module paths of the blocks around it from the outermost on. An edge is one read
        of a value: `value` is its ValueType, `output` its place among the producer's outputs, `port` (also the edge's
        key) its place among the reader's inputs. The order of nodes is the order of execution.

        networkx is imported when this is called: the import takes 0.2 s, and linting does without it.
        """
        from networkx import MultiDiGraph

        network: MultiDiGraph[str] = MultiDiGraph(name=self.name, variant=self.variant)
        sources: list[_Source | None] = []
        for name, value_type in self.inputs:
            network.add_node(f"input:{name}", role="input", types=(value_type,))
            sources.append((f"input:{name}", 0))
        results = _add_to_network(network, self.body, "", (), sources)
        names = self.outputs or tuple("output" if n == 0 else f"output {n + 1}" for n in range(len(results)))
        for name, source, value_type in zip(names, results, self.output_types, strict=False):
            network.add_node(f"output:{name}", role="output", types=(value_type,))
            _add_read(network, source, f"output:{name}", 0)
        return network

    @property
    def output_types(self) -> tuple[ValueType, ...]:
        return self.body.output_types


_Source = tuple[str, int]  # a node of the network, and which of its outputs


def _add_to_network(
    network: MultiDiGraph[str], body: Body, prefix: str, calls: tuple[str, ...], inputs: list[_Source | None]
) -> list[_Source | None]:
    """Add the ops of a body, those of its calls included; return the sources of the body's outputs."""
    sources = list(inputs)
    for step in body.steps:
        path = join(prefix, step.scope)
        read = [None if v is None else sources[v] for v in step.inputs]
        if isinstance(step, Call):
            sources.extend(_add_to_network(network, step.body, path, (*calls, path), read))
            continue
        name, copy = path, 1
        while name in network:  # a broken design may use a path twice
            copy += 1
            name = f"{path}#{copy}"
        network.add_node(name, role="op", types=step.outputs, kind=step.kind, op=step.op, calls=calls)
        for port, source in enumerate(read):
            _add_read(network, source, name, port)
        sources.extend((name, output) for output in range(len(step.outputs)))
    return [sources[v] for v in body.outputs]


def _add_read(network: MultiDiGraph[str], source: _Source | None, reader: str, port: int) -> None:
    # A port left out reads nothing.
    if source is not None:
        producer, output = source
        value_type = network.nodes[producer]["types"][output]
        network.add_edge(producer, reader, key=port, port=port, output=output, value=value_type)


def join(*segments: str) -> str:
    """Return a module path from its segments, empty ones left out."""
    return ".".join(segment for segment in segments if segment)


def enclosing_paths(path: str) -> Iterator[str]:
    """Yield a module path, then those of the modules around it from the innermost on."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _walk(body: Body, prefix: str, calls: tuple[Call, ...]) -> Iterator[Placed]:
    for step in body.steps:
        path = join(prefix, step.scope)
        yield Placed(path, step, body, calls)
        if isinstance(step, Call):
            yield from _walk(step.body, path, (*calls, step))
