"""Predict the memory and time of designs, without running them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from archspec.analysis.memory import defaults as memory_defaults
from archspec.design import Design, to_graph

if TYPE_CHECKING:
    from archspec.analysis.checkpointing import Checkpoint
    from archspec.analysis.latency.predict import Latency
    from archspec.analysis.latency.profile import DeviceProfile, Dtype
    from archspec.analysis.memory.losses import Loss
    from archspec.analysis.memory.predict import Memory
    from archspec.analysis.summary import Level


def memory(
    design: Design,
    variant: str | None = None,
    *,
    batch: int = memory_defaults.BATCH,
    dtype: Dtype = "float32",
    optimizer: Literal["sgd", "momentum", "adamw"] = memory_defaults.OPTIMIZER,
    device: Literal["gpu", "cpu"] = "gpu",
    loss: Loss = "mean_square",
    checkpoint: Checkpoint = False,
    **params: Any,
) -> Memory:
    """Return the memory that a training step takes, without running it: forward, loss, backward, optimizer.

    batch: samples at a time.
    dtype: float32, or bfloat16 or float16 by autocast, as the device runs it.
    optimizer: sgd, momentum (SGD with it) or adamw; its state is counted from the start, as from the second step on.
    device: gpu counts in the allocator's blocks of 512 bytes, cpu in bytes.
    loss: mean_square (`x.square().mean()` of each output), mse (to a target of the same shape) or cross_entropy (over
        the channels), in float32. Without an output that has a gradient the forward pass is all.
    checkpoint: the blocks that are recomputed in the backward pass, as `build` takes them.

    Raises IncompleteGraphError for a graph with layers that failed.
    """
    from archspec.analysis.memory.predict import predict_memory

    graph = to_graph(design, variant, params)
    return predict_memory(
        graph, batch=batch, dtype=dtype, optimizer=optimizer, device=device, loss=loss, checkpoint=checkpoint
    )


def largest_batch(
    design: Design,
    variant: str | None = None,
    *,
    memory_limit: int,
    dtype: Dtype = "float32",
    optimizer: Literal["sgd", "momentum", "adamw"] = memory_defaults.OPTIMIZER,
    device: Literal["gpu", "cpu"] = "gpu",
    loss: Loss = "mean_square",
    checkpoint: Checkpoint = False,
    **params: Any,
) -> int:
    """Return the most samples whose training step is predicted to fit into `memory_limit` bytes; 0 if not even one.

    The other arguments are those of `memory`.
    """
    from archspec.analysis.memory.largest_batch import largest_batch

    graph = to_graph(design, variant, params)
    return largest_batch(
        graph, memory_limit, dtype=dtype, optimizer=optimizer, device=device, loss=loss, checkpoint=checkpoint
    )


def latency(
    design: Design,
    variant: str | None = None,
    *,
    device: str | os.PathLike[str] | DeviceProfile = "h100",
    batch: int = 1,
    dtype: Dtype = "float32",
    training: bool = False,
    level: Level = "stage",
    **params: Any,
) -> Latency:
    """Return the predicted time of a forward pass in eval mode, or of a training step, in eager mode.

    device: the name of a profile that archspec ships, the path of one, or a profile.
    dtype: of all numbers. level: what a row is, as in `summarize`.

    Raises ValueError for an argument that is wrong, SpecError for a profile that is.
    """
    from archspec.analysis.latency.predict import predict_latency

    graph = to_graph(design, variant, params)
    return predict_latency(graph, device=device, batch=batch, dtype=dtype, training=training, level=level)
