"""A forward in training mode, without running it: every op's own rule, in the order in which the module runs."""

from __future__ import annotations

from math import prod

from msgspec import Struct, field

from archspec.analysis.checkpointing import Checkpoint, check_patterns_match, checkpoint_patterns, matches_pattern
from archspec.analysis.in_place import find_in_place_steps
from archspec.errors import IncompleteGraphError
from archspec.ir.graph import Body, Call, Graph, Node, Step, join
from archspec.ir.types import ValueType
from archspec.tracing.arrays import Array, Storage, row_major
from archspec.tracing.autocast import Device
from archspec.tracing.tape import Tape, TracedOp

INPUT_DTYPES = {"ids": "int64", "mask": "bool"}  # all other values are float32


class Region(Struct, frozen=True, eq=False):
    """The operations [first, last) of a block that is computed again; `given` is what it keeps to do so."""

    first: int
    last: int
    given: tuple[Storage, ...]
    made: frozenset[Storage]


class Trace(Struct):
    """What a forward does: its operations, by op, with the arrays that come in and go out."""

    batch: int
    tape: Tape = field(default_factory=Tape)
    held: dict[Storage, int] = field(default_factory=dict)  # by storage: the last operation in which forward holds it
    checkpoint: tuple[str, ...] = ()
    regions: list[Region] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)  # the patterns of `checkpoint` that some block has
    blocks: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)  # of the ops, by their number
    own: list[Array] = field(default_factory=list)  # tensors of the network, those of other layers once
    inputs: tuple[Array, ...] = ()
    outputs: tuple[Array, ...] = ()
    _in_place: dict[int, frozenset[int]] = field(default_factory=dict)
    _tensors: dict[str, dict[str, Array]] = field(default_factory=dict)  # by the path of the op

    def body(
        self, body: Body, prefix: str, given: tuple[Array | None, ...], shared: str | None = None, inside: bool = False
    ) -> tuple[Array | None, ...]:
        """The values that a body gives for those that it is given; `shared` is the block whose tensors it uses."""
        values: list[Array | None] = list(given)
        if id(body) not in self._in_place:
            self._in_place[id(body)] = find_in_place_steps(body)
        overwriting = self._in_place[id(body)]
        for index, step in enumerate(body.steps):
            inputs = tuple(None if v is None else values[v] for v in step.inputs)
            path = join(prefix, step.scope)
            theirs = _shared_with(step, prefix, shared)
            if isinstance(step, Call):
                values.extend(self.block(step.body, path, inputs, theirs, inside))
            else:
                values.extend(self.node(body, step, path, inputs, index in overwriting, theirs))
            self._hold(inputs)
        return tuple(values[number] for number in body.outputs)

    def block(
        self, body: Body, path: str, given: tuple[Array | None, ...], shared: str | None, inside: bool
    ) -> tuple[Array | None, ...]:
        """The values that a called body gives; it may be one that is computed again."""
        patterns = [pattern for pattern in self.checkpoint if matches_pattern(path, pattern)]
        self.matched.update(patterns)
        self.blocks.append(path)
        wanted = bool(patterns) and not inside
        first = len(self.tape.entries)
        results = self.body(body, path, given, shared, inside or wanted)
        if wanted:
            kept = tuple(dict.fromkeys(x.storage for x in given if x is not None and x.storage.role == "value"))
            entries = self.tape.entries[first:]
            made = {x.storage for entry in entries for x in entry.outputs if x.storage.role == "value"} - set(kept)
            self.regions.append(Region(first, len(self.tape.entries), kept, frozenset(made)))
        return results

    def node(
        self, body: Body, node: Node, path: str, inputs: tuple[Array | None, ...], overwrites: bool, shared: str | None
    ) -> tuple[Array, ...]:
        """The values that one op gives."""
        types = body.input_types(node)
        if node.failed or not all(value.known for value in node.outputs):
            raise IncompleteGraphError(f"{path} has no known shape, so that its memory cannot be predicted")
        self.tape.op = len(self.paths)
        self.paths.append(path)
        first = len(self.tape.entries)
        tensors = self._tensors_of(node, path, types, shared)
        outputs = node.op.trace(self.tape, TracedOp(inputs, types, node.outputs, tensors, overwrites))
        for number in range(first, len(self.tape.entries)):
            entry = self.tape.entries[number]
            self.held.update(dict.fromkeys([x.storage for x in (*entry.inputs, *entry.outputs)], number))
        return outputs

    def _tensors_of(self, node: Node, path: str, types: tuple[ValueType, ...], shared: str | None) -> dict[str, Array]:
        """The tensors of an op: its own, and those that it takes from another layer."""
        if shared is not None:
            tensors = self._tensors[shared]
        else:
            prefix = path[: len(path) - len(node.scope)].rstrip(".")
            taken = {s.tensor: self._tensors[join(prefix, s.path)][s.theirs] for s in node.share}
            new = {x.name: own_array(x.shape, x.role) for x in node.op.tensors(types) if x.name not in taken}
            self.own.extend(new.values())
            tensors = {**new, **taken}
        self._tensors[path] = tensors
        return tensors

    def _hold(self, arrays: tuple[Array | None, ...]) -> None:
        """What is handed in is held until the op or the block is done."""
        last = len(self.tape.entries) - 1
        self.held.update({x.storage: max(last, self.held.get(x.storage, 0)) for x in arrays if x is not None})


def _shared_with(step: Step, prefix: str, shared: str | None) -> str | None:
    """The path of the layer all of whose tensors a step uses, itself or since the block around it does."""
    if shared is not None:
        return join(shared, step.scope)
    return next((join(prefix, share.path) for share in step.share if not share.tensor), None)


def own_array(shape: tuple[int, ...], role: str) -> Array:
    """A tensor of the network."""
    learned = role == "parameter"
    size = 4 * prod(shape) if shape else 8  # a counter of batches is a long int
    return Array(Storage(size, "parameter" if learned else "buffer"), shape, row_major(shape), "float32", learned)


def input_array(value: ValueType, batch: int, needs_grad: bool = False) -> Array:
    """A batch of a value that comes in from outside; only numbers have a gradient."""
    shape = (batch, *(int(size) for size in value.shape if isinstance(size, int)))
    dtype = INPUT_DTYPES.get(value.kind, "float32")
    return Tape().made(shape, dtype, needs_grad=needs_grad and dtype == "float32")


def trace(
    graph: Graph,
    batch: int = 1,
    *,
    dtype: str = "float32",
    device: Device = "cpu",
    fused_attention: bool = False,
    checkpoint: Checkpoint = False,
) -> Trace:
    """The forward of a graph's module in training mode on so many samples, under autocast to another dtype."""
    lower = "" if dtype == "float32" else dtype
    found = Trace(batch, Tape(fused_attention, device, lower), checkpoint=checkpoint_patterns(checkpoint))
    found.inputs = tuple(input_array(value, batch) for _, value in graph.inputs)
    found.outputs = tuple(x for x in found.body(graph.body, "", found.inputs) if x is not None)
    last = len(found.tape.entries) - 1
    found.held.update({x.storage: last for x in found.tape.weights.values()})
    check_patterns_match(found.checkpoint, found.matched, found.blocks)
    return found


def saved_bytes(
    graph: Graph,
    batch: int = 1,
    *,
    dtype: str = "float32",
    device: Device = "cpu",
    fused_attention: bool = False,
    checkpoint: Checkpoint = False,
) -> int:
    """What autograd keeps of a forward in training mode: each storage once, parameters and buffers left out."""
    found = trace(graph, batch, dtype=dtype, device=device, fused_attention=fused_attention, checkpoint=checkpoint)
    return kept_bytes(found)


def kept_bytes(found: Trace) -> int:
    """The bytes of what a forward keeps; of a block that is computed again what it was given."""
    again = {number for region in found.regions for number in range(region.first, region.last)}
    kept = {storage for region in found.regions for storage in region.given}
    for number, entry in enumerate(found.tape.entries):
        if number not in again:
            kept.update(entry.saved)
    return sum(storage.bytes for storage in kept)
