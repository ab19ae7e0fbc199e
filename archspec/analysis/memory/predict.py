"""The memory of a training step, predicted: the peak, where it is, and how it gets there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from archspec.analysis.checkpointing import Checkpoint
from archspec.analysis.memory.liveness import END, Liveness
from archspec.analysis.memory.tracing import Trace, kept_bytes, trace
from archspec.ir.graph import Graph
from archspec.tracing.autocast import Device

OPTIMIZERS = ("sgd", "momentum", "adamw")
DTYPES = ("float32", "bfloat16", "float16")
DEVICES: tuple[Device, ...] = ("gpu", "cpu")
STATE = {"sgd": 0, "momentum": 1, "adamw": 2}  # tensors that the optimizer keeps for each parameter
BLOCK = 512  # a GPU's allocator hands out multiples of it

Phase = Literal["forward", "backward", "step"]


class Moment(Struct, frozen=True):
    """The most bytes alive while one op runs forward or backward, or while the optimizer steps (`path` is empty)."""

    phase: Phase
    path: str
    bytes: int


class Memory(Struct, frozen=True):
    """The predicted memory of a training step that is not the first, in bytes.

    parameters, buffers, gradients and optimizer_state: what a network of this size always takes. inputs: the batch.
    saved: what autograd keeps of the network for the backward pass. peak: the most alive at once, while op `peak_path`
    runs.
    """

    name: str
    variant: str
    batch: int
    dtype: str
    optimizer: str
    device: str
    parameters: int
    buffers: int
    gradients: int
    optimizer_state: int
    inputs: int
    saved: int
    peak: int
    peak_phase: Phase
    peak_path: str
    timeline: tuple[Moment, ...]

    def to_dict(self) -> dict[str, Any]:
        """The prediction as JSON holds it."""
        return {
            "name": self.name,
            "variant": self.variant,
            "batch": self.batch,
            "dtype": self.dtype,
            "optimizer": self.optimizer,
            "device": self.device,
            "parameter_bytes": self.parameters,
            "buffer_bytes": self.buffers,
            "gradient_bytes": self.gradients,
            "optimizer_bytes": self.optimizer_state,
            "input_bytes": self.inputs,
            "saved_bytes": self.saved,
            "peak_bytes": self.peak,
            "peak": {"phase": self.peak_phase, "path": self.peak_path},
            "timeline": [{"phase": m.phase, "path": m.path, "bytes": m.bytes} for m in self.timeline],
        }


def memory(
    graph: Graph,
    *,
    batch: int = 1,
    dtype: str = "float32",
    optimizer: str = "sgd",
    device: Device = "gpu",
    checkpoint: Checkpoint = False,
) -> Memory:
    """The memory that a training step takes, without running it: forward, mean of squares, backward, step.

    batch: samples at a time. dtype: float32, or bfloat16 or float16 by autocast, as the device runs it. optimizer: sgd,
    momentum (SGD with it) or adamw. device: gpu counts in the allocator's blocks of 512 bytes, cpu in bytes. The
    optimizer's state is there from the start, as it is from the second step on.

    checkpoint: the blocks that are computed again in the backward pass, as `build` takes them.

    Raises IncompleteGraphError for a graph with layers that failed.
    """
    _check(graph, batch, dtype, optimizer, device)
    gpu = device == "gpu"
    found = trace(graph, batch, dtype=dtype, device=device, fused_attention=True, checkpoint=checkpoint)
    saved = kept_bytes(found)
    _with_loss(found)
    alive = Liveness(found, _in_blocks if gpu else _as_they_are)
    alive.run()
    rounded = alive.rounded
    learned = [x.storage.bytes for x in found.own if x.needs_grad]
    parameters = sum(map(rounded, learned))
    buffers = sum(rounded(x.storage.bytes) for x in found.own if not x.needs_grad)
    state = STATE[optimizer] * parameters
    resident = parameters + buffers + state
    timeline = tuple(_moments(found, alive, resident, _stepping(optimizer, gpu, learned, rounded)))
    top = max(timeline, key=lambda moment: moment.bytes)
    return Memory(
        name=graph.name,
        variant=graph.variant,
        batch=batch,
        dtype=dtype,
        optimizer=optimizer,
        device=device,
        parameters=parameters,
        buffers=buffers,
        gradients=alive.gradients,
        optimizer_state=state,
        inputs=sum(rounded(x.bytes) for x in found.inputs),
        saved=saved,
        peak=top.bytes,
        peak_phase=top.phase,
        peak_path=top.path,
        timeline=timeline,
    )


def _check(graph: Graph, batch: int, dtype: str, optimizer: str, device: str) -> None:
    if batch < 1:
        raise ValueError(f"batch is at least 1, not {batch}")
    for name, value, known in (
        ("dtype", dtype, DTYPES),
        ("optimizer", optimizer, OPTIMIZERS),
        ("device", device, DEVICES),
    ):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")


def _in_blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _as_they_are(size: int) -> int:
    return size


def _with_loss(found: Trace) -> None:
    """The loss after the network; the batch and the outputs are held by who called it."""
    found.tape.op = len(found.paths)
    found.paths.append("")
    first = len(found.tape.entries)
    found.tape.mean_square(*(x for x in found.outputs if x.needs_grad))
    for number, entry in enumerate(found.tape.entries[first:], first):
        found.held.update(dict.fromkeys([x.storage for x in (*entry.inputs, *entry.outputs)], number))
    found.held.update(dict.fromkeys([x.storage for x in (*found.inputs, *found.outputs)], END))


def _stepping(optimizer: str, gpu: bool, learned: list[int], rounded: Any) -> int:
    """What the optimizer needs for a moment: AdamW the root of its second moment, of all tensors at once on a GPU."""
    if optimizer != "adamw" or not learned:
        return 0
    return sum(map(rounded, learned)) if gpu else 2 * max(learned)


def _moments(found: Trace, alive: Liveness, resident: int, stepping: int) -> Iterator[Moment]:
    """Forward by op, backward by op in reverse, and the optimizer's step."""
    forward, backward = [0] * len(found.paths), [0] * len(found.paths)
    for entry, there, back in zip(found.tape.entries, alive.forward, alive.backward, strict=True):
        forward[entry.op] = max(forward[entry.op], there)
        backward[entry.op] = max(backward[entry.op], back)
    for path, most in zip(found.paths, forward, strict=True):
        if most:
            yield Moment("forward", path or "loss", resident + most)
    for path, most in zip(reversed(found.paths), reversed(backward), strict=True):
        if most:
            yield Moment("backward", path or "loss", resident + most)
    yield Moment("step", "", resident + alive.now + stepping)
