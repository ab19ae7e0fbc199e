"""Predict the memory of a training step: its peak, where that is, and the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from archspec.analysis.checkpointing import Checkpoint
from archspec.analysis.memory import defaults
from archspec.analysis.memory.forward_trace import ForwardTrace, count_saved_bytes, trace_forward
from archspec.analysis.memory.liveness import END, Liveness
from archspec.analysis.memory.losses import LOSSES, Loss, trace_loss
from archspec.ir.graph import Graph
from archspec.tracing.autocast import Device

OPTIMIZERS = ("sgd", "momentum", "adamw")
DTYPES = ("float32", "bfloat16", "float16")
DEVICES: tuple[Device, ...] = ("gpu", "cpu")
STATE = {"sgd": 0, "momentum": 1, "adamw": 2}  # tensors that the optimizer keeps for each parameter
BLOCK = 512  # bytes; torch's CUDA allocator rounds every allocation up to a multiple

Phase = Literal["forward", "backward", "step"]


class MemoryMoment(Struct, frozen=True):
    """The most bytes alive while one op runs forward or backward, or while the optimizer steps (`path` is empty)."""

    phase: Phase
    path: str
    bytes: int


class Memory(Struct, frozen=True):
    """The predicted memory of a training step that is not the first, in bytes.

    parameters, buffers, gradients and optimizer_state: what a network of this size always takes. inputs: the batch,
    with the targets of the loss. saved: what autograd saves in the network for the backward pass. peak: the most alive
    at once, while op `peak_path` runs.
    """

    name: str
    variant: str
    batch: int
    dtype: str
    optimizer: str
    loss: str
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
    timeline: tuple[MemoryMoment, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "variant": self.variant,
            "batch": self.batch,
            "dtype": self.dtype,
            "optimizer": self.optimizer,
            "loss": self.loss,
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


def predict_memory(
    graph: Graph,
    *,
    batch: int = defaults.BATCH,
    dtype: str = "float32",
    optimizer: str = defaults.OPTIMIZER,
    device: Device = "gpu",
    loss: Loss = "mean_square",
    checkpoint: Checkpoint = False,
) -> Memory:
    """Return the memory that a training step takes, without running it: forward, loss, backward, optimizer.

    batch: samples at a time. dtype: float32, or bfloat16 or float16 by autocast, as the device runs it. optimizer: sgd,
    momentum (SGD with it) or adamw. device: gpu counts in the allocator's blocks of 512 bytes, cpu in bytes. The
    optimizer's state is there from the start, as it is from the second step on.

    loss: the sum over all outputs of mean_square (x.square().mean()), of mse (the mean squared error to a target of the
    same shape) or of cross_entropy (over the channels). Where no output has a gradient, the forward pass is all.

    checkpoint: the blocks to recompute in the backward pass, as for `build`.

    Raises IncompleteGraphError for a graph with layers that failed.
    """
    _check(graph, batch, dtype, optimizer, device, loss)
    gpu = device == "gpu"
    found = trace_forward(graph, batch, dtype=dtype, device=device, fused_attention=True, checkpoint=checkpoint)
    saved = count_saved_bytes(found)
    _add_loss(found, graph, loss)
    liveness = Liveness(found, _round_to_blocks if gpu else _exact_size)
    liveness.run()
    rounded = liveness.rounded
    learned = [x.storage.bytes for x in found.tensors if x.needs_grad]
    parameters = sum(map(rounded, learned))
    buffers = sum(rounded(x.storage.bytes) for x in found.tensors if not x.needs_grad)
    state = STATE[optimizer] * parameters
    resident = parameters + buffers + state
    timeline = tuple(_moments(found, liveness, resident, _optimizer_scratch(optimizer, gpu, learned, rounded)))
    # Parameters, buffers and optimizer state are alive throughout; `_moments` adds them to what liveness finds.
    top = max(timeline, key=lambda moment: moment.bytes)
    return Memory(
        name=graph.name,
        variant=graph.variant,
        batch=batch,
        dtype=dtype,
        optimizer=optimizer,
        loss=loss,
        device=device,
        parameters=parameters,
        buffers=buffers,
        gradients=liveness.gradients,
        optimizer_state=state,
        inputs=sum(rounded(x.bytes) for x in found.inputs),
        saved=saved,
        peak=top.bytes,
        peak_phase=top.phase,
        peak_path=top.path,
        timeline=timeline,
    )


def _check(graph: Graph, batch: int, dtype: str, optimizer: str, device: str, loss: str) -> None:
    if batch < 1:
        raise ValueError(f"batch is at least 1, not {batch}")
    for name, value, known in (
        ("dtype", dtype, DTYPES),
        ("optimizer", optimizer, OPTIMIZERS),
        ("device", device, DEVICES),
        ("loss", loss, LOSSES),
    ):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")


def _round_to_blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _exact_size(size: int) -> int:
    return size


def _add_loss(found: ForwardTrace, graph: Graph, loss: Loss) -> None:
    """Add the loss to the trace; the batch and the outputs are held by the training loop until the step is over."""
    found.tape.op = len(found.paths)
    found.paths.append("")
    first = len(found.tape.entries)
    traced = trace_loss(found.tape, loss, tuple(zip(found.outputs, graph.output_types, strict=True)))
    found.inputs += traced.targets
    found.seeds = () if traced.value is None else (traced.value,)
    for number, entry in enumerate(found.tape.entries[first:], first):
        found.held_until.update(dict.fromkeys([x.storage for x in (*entry.inputs, *entry.outputs)], number))
    # The loss too: it is what `backward` is called on.
    found.held_until.update(dict.fromkeys([x.storage for x in (*found.inputs, *found.outputs, *found.seeds)], END))


def _optimizer_scratch(optimizer: str, gpu: bool, learned: list[int], rounded: Any) -> int:
    """Return the temporary bytes of the optimizer: for AdamW the root of its second moment.

    On a GPU torch steps all tensors at once (`foreach`), on a CPU one after the other.
    """
    if optimizer != "adamw" or not learned:
        return 0
    # On a CPU two temporaries of the largest parameter are alive together, one parameter after the other.
    return sum(map(rounded, learned)) if gpu else 2 * max(learned)


def _moments(found: ForwardTrace, liveness: Liveness, resident: int, scratch: int) -> Iterator[MemoryMoment]:
    """Yield the ops in order, then in reverse, then the optimizer's step."""
    forward, backward = [0] * len(found.paths), [0] * len(found.paths)
    for entry, there, back in zip(found.tape.entries, liveness.forward, liveness.backward, strict=True):
        forward[entry.op] = max(forward[entry.op], there)
        backward[entry.op] = max(backward[entry.op], back)
    for path, most in zip(found.paths, forward, strict=True):
        if most:
            yield MemoryMoment("forward", path or "loss", resident + most)
    for path, most in zip(reversed(found.paths), reversed(backward), strict=True):
        if most:
            yield MemoryMoment("backward", path or "loss", resident + most)
    yield MemoryMoment("step", "", resident + liveness.live + scratch)
