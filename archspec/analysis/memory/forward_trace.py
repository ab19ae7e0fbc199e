"""Trace a forward pass in training mode without running it: every op's own rule, in the order of execution.

The trace is a tape of the operations that torch runs, with the arrays that each reads, makes and saves for autograd. An
array is a view of a storage, and memory is counted by storage, so that views cost nothing. When the module lets go of a
storage follows from Python: an op or block holds its arguments until it returns, and a value until its last reader.
"""

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


class CheckpointedRegion(Struct, frozen=True, eq=False):
    """The operations [first, last) of a checkpointed block: of these it keeps the `inputs` alone, and in the backward
    pass computes the storages `made` again."""

    first: int
    last: int
    inputs: tuple[Storage, ...]
    made: frozenset[Storage]


class ForwardTrace(Struct):
    """The operations of a forward pass, by op, with the arrays that come in and go out."""

    batch: int
    tape: Tape = field(default_factory=Tape)
    held_until: dict[Storage, int] = field(default_factory=dict)  # the last operation in which forward holds a storage
    checkpoint: tuple[str, ...] = ()
    regions: list[CheckpointedRegion] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)  # the patterns of `checkpoint` that match some block
    blocks: list[str] = field(default_factory=list)  # paths
    paths: list[str] = field(default_factory=list)  # of the ops, by their number
    tensors: list[Array] = field(default_factory=list)  # of the network, shared ones once
    inputs: tuple[Array, ...] = ()
    outputs: tuple[Array, ...] = ()
    seeds: tuple[Array, ...] = ()  # where the backward pass starts: the loss, or the outputs where there is none
    _in_place: dict[int, frozenset[int]] = field(default_factory=dict)
    _tensors_by_path: dict[str, dict[str, Array]] = field(default_factory=dict)

    def run_body(
        self,
        body: Body,
        prefix: str,
        arguments: tuple[Array | None, ...],
        shared: str | None = None,
        recomputed: bool = False,
    ) -> tuple[Array | None, ...]:
        """Return the outputs of a body for some arguments.

        shared: the path of the block whose tensors it uses. recomputed: it is part of a checkpointed block.
        """
        values: list[Array | None] = list(arguments)
        if id(body) not in self._in_place:
            self._in_place[id(body)] = find_in_place_steps(body)
        overwriting = self._in_place[id(body)]
        for index, step in enumerate(body.steps):
            inputs = tuple(None if v is None else values[v] for v in step.inputs)
            path = join(prefix, step.scope)
            owner = _tensor_owner(step, prefix, shared)
            if isinstance(step, Call):
                values.extend(self.run_block(step.body, path, inputs, owner, recomputed))
            else:
                values.extend(self.run_node(body, step, path, inputs, index in overwriting, owner))
            self._hold_arguments(inputs)
        return tuple(values[number] for number in body.outputs)

    def run_block(
        self, body: Body, path: str, arguments: tuple[Array | None, ...], shared: str | None, recomputed: bool
    ) -> tuple[Array | None, ...]:
        """Return the outputs of a called body, which may be checkpointed; checkpoints inside another have no effect."""
        # torch.utils.checkpoint inside a checkpointed block would recompute twice; `build` ignores it, too.
        patterns = [pattern for pattern in self.checkpoint if matches_pattern(path, pattern)]
        self.matched.update(patterns)
        self.blocks.append(path)
        checkpointed = bool(patterns) and not recomputed
        first = len(self.tape.entries)
        results = self.run_body(body, path, arguments, shared, recomputed or checkpointed)
        if checkpointed:
            kept = tuple(dict.fromkeys(x.storage for x in arguments if x is not None and x.storage.role == "value"))
            entries = self.tape.entries[first:]
            # The block's inputs are kept anyway; all else that it makes is computed again.
            made = {x.storage for entry in entries for x in entry.outputs if x.storage.role == "value"} - set(kept)
            self.regions.append(CheckpointedRegion(first, len(self.tape.entries), kept, frozenset(made)))
        return results

    def run_node(
        self, body: Body, node: Node, path: str, inputs: tuple[Array | None, ...], overwrites: bool, shared: str | None
    ) -> tuple[Array, ...]:
        """Return the outputs of one op; raises IncompleteGraphError if their shapes are unknown."""
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
            # Later operations overwrite the number: an array inside the op is held until the last one that reads it.
            self.held_until.update(dict.fromkeys([x.storage for x in (*entry.inputs, *entry.outputs)], number))
        for storage, number in self.tape.held_until.items():
            self.held_until[storage] = max(number, self.held_until.get(storage, 0))
        self.tape.held_until.clear()
        return outputs

    def _tensors_of(self, node: Node, path: str, types: tuple[ValueType, ...], shared: str | None) -> dict[str, Array]:
        """Return the tensors of an op: its own, and those that it shares with another layer."""
        if shared is not None:
            tensors = self._tensors_by_path[shared]
        else:
            prefix = path[: len(path) - len(node.scope)].rstrip(".")
            taken = {s.tensor: self._tensors_by_path[join(prefix, s.path)][s.theirs] for s in node.share}
            new = {x.name: own_array(x.shape, x.role) for x in node.op.tensors(types) if x.name not in taken}
            self.tensors.extend(new.values())
            tensors = {**new, **taken}
        self._tensors_by_path[path] = tensors
        return tensors

    def _hold_arguments(self, arrays: tuple[Array | None, ...]) -> None:
        """Hold the arguments of an op or block until it is done: its caller's frame references them."""
        last = len(self.tape.entries) - 1
        self.held_until.update(
            {x.storage: max(last, self.held_until.get(x.storage, 0)) for x in arrays if x is not None}
        )


def _tensor_owner(step: Step, prefix: str, shared: str | None) -> str | None:
    """Return the path of the layer all of whose tensors a step uses, itself or through the block around it."""
    if shared is not None:
        return join(shared, step.scope)
    return next((join(prefix, share.path) for share in step.share if not share.tensor), None)


def own_array(shape: tuple[int, ...], role: str) -> Array:
    """Return a tensor of the network."""
    learned = role == "parameter"
    size = 4 * prod(shape) if shape else 8  # a counter of batches is a long int
    return Array(Storage(size, "parameter" if learned else "buffer"), shape, row_major(shape), "float32", learned)


def input_array(value: ValueType, batch: int, needs_grad: bool = False) -> Array:
    """Return a batch of an input of the network; only floating point numbers have a gradient."""
    shape = (batch, *(int(size) for size in value.shape if isinstance(size, int)))
    dtype = INPUT_DTYPES.get(value.kind, "float32")
    return Tape().made(shape, dtype, needs_grad=needs_grad and dtype == "float32")


def trace_forward(
    graph: Graph,
    batch: int = 1,
    *,
    dtype: str = "float32",
    device: Device = "cpu",
    fused_attention: bool = False,
    checkpoint: Checkpoint = False,
) -> ForwardTrace:
    """Return the forward pass of a graph's module in training mode on a batch; under autocast for another dtype."""
    lower = "" if dtype == "float32" else dtype
    found = ForwardTrace(batch, Tape(fused_attention, device, lower), checkpoint=checkpoint_patterns(checkpoint))
    found.inputs = tuple(input_array(value, batch) for _, value in graph.inputs)
    found.outputs = tuple(x for x in found.run_body(graph.body, "", found.inputs) if x is not None)
    found.seeds = tuple(dict.fromkeys(x for x in found.outputs if x.needs_grad))
    last = len(found.tape.entries) - 1
    # Autocast caches the cast weights until it is left, after the forward pass.
    found.held_until.update({x.storage: last for x in found.tape.weights.values()})
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
    """Return the bytes that autograd saves in a forward pass: each storage once, parameters and buffers left out."""
    found = trace_forward(
        graph, batch, dtype=dtype, device=device, fused_attention=fused_attention, checkpoint=checkpoint
    )
    return count_saved_bytes(found)


def count_saved_bytes(found: ForwardTrace) -> int:
    """Return the bytes that a traced forward saves; of a checkpointed block only its inputs."""
    recomputed = {number for region in found.regions for number in range(region.first, region.last)}
    saved = {storage for region in found.regions for storage in region.inputs}
    for number, entry in enumerate(found.tape.entries):
        if number not in recomputed:
            saved.update(entry.saved)
    return sum(storage.bytes for storage in saved)
