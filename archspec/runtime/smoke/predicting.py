"""Predictions for a smoke run: the peak of its training steps, and the largest batch for a number of bytes."""

from __future__ import annotations

from archspec.analysis.memory.largest_batch import largest_batch
from archspec.analysis.memory.losses import Loss
from archspec.analysis.memory.predict import predict_memory
from archspec.ir.graph import Graph
from archspec.runtime.request import MOST_BATCH
from archspec.runtime.smoke.request import SmokeRequest
from archspec.tracing.autocast import Device

DEVICES: dict[str, Device] = {"cuda": "gpu", "cpu": "cpu"}  # there is no prediction for others
OPTIMIZERS = {"sgd": "momentum", "adamw": "adamw"}  # a run's SGD has momentum
LOSS: Loss = "mse"  # of the outputs to random targets


def predicted_peak(graph: Graph, request: SmokeRequest, device: str) -> int | None:
    """Return the peak bytes of a training step on that device; None for a kind without predictions."""
    kind = DEVICES.get(device.partition(":")[0])
    if kind is None:
        return None
    optimizer = OPTIMIZERS[request.optimizer]
    return predict_memory(
        graph, batch=request.batch, dtype=request.dtype, optimizer=optimizer, device=kind, loss=LOSS
    ).peak


def predicted_batch(graph: Graph, request: SmokeRequest, device: str, room: int | None) -> int | None:
    """Return the most samples that fit into `room` bytes of that device, maybe 0; None without a prediction."""
    kind = DEVICES.get(device.partition(":")[0])
    if kind is None or room is None:
        return None
    optimizer = OPTIMIZERS[request.optimizer]
    batch = largest_batch(graph, room, dtype=request.dtype, optimizer=optimizer, device=kind, loss=LOSS)
    return min(MOST_BATCH, batch)
