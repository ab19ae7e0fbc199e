"""The peak of a training step by torch's MemTracker under fake tensors: every allocation is counted, none is made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch.distributed._tools.mem_tracker import MemTracker

import archspec
from archspec.ir.types import ValueType
from tests.analysis.memory.fake_tensors import fake_tensors
from tests.narrow import sizes

OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1),
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=0.1),
}
Measure = Callable[[torch.Tensor, Any], torch.Tensor]
LOSSES: dict[str, Callable[[ValueType], Measure]] = {
    "mean_square": lambda _: lambda x, _: x.float().square().mean(),
    "mse": lambda _: lambda x, target: F.mse_loss(x.float(), target),
    "cross_entropy": lambda kind: (
        lambda x, target: F.cross_entropy(x.float().movedim(kind.channel_axis + 1, 1), target)
    ),
}
DTYPES = {"ids": torch.int64, "mask": torch.bool}


def tracked_peak(
    spec: archspec.Spec,
    batch: int,
    optimizer: str,
    checkpoint: bool = False,
    dtype: str = "float32",
    loss: str = "mean_square",
) -> int:
    """Return the peak in bytes over two training steps; the first allocates the optimizer's state."""
    graph, model = archspec.lower(spec), archspec.build(spec, device="meta", checkpoint=checkpoint)
    with fake_tensors():
        # Under the mode, so that the parameters become fake tensors of a CPU, not memory.
        _allocate(model)
        inputs = [torch.zeros((batch, *sizes(x)), dtype=DTYPES.get(x.kind, torch.float32)) for _, x in graph.inputs]
        parameters = list(model.parameters())
        stepper, tracker = OPTIMIZERS[optimizer](parameters) if parameters else None, MemTracker()
        targets = [_target(x, batch, loss) for x in graph.output_types]
        tracker.track_external(*(x for x in (model, stepper, *inputs, *targets) if x is not None))
        measure = [LOSSES[loss](x) for x in graph.output_types]
        with tracker:
            for _ in range(2):
                _train(model, inputs, stepper, dtype, list(zip(measure, targets, strict=True)))
                # MemTracker refuses a module of which it has statistics from the iteration before.
                tracker.reset_mod_stats()
        snapshot = tracker.get_tracker_snapshot("peak")
    return sum(counts["Total"] for counts in snapshot.values())


def _allocate(model: torch.nn.Module) -> None:
    """Give a module's tensors memory on a CPU, shared ones once, which `to_empty` would separate."""
    names: dict[torch.Tensor, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(parameter, []).append(name)
    model.to_empty(device="cpu")
    for first, *others in names.values():
        for name in others:
            owner, _, tensor = name.rpartition(".")
            setattr(model.get_submodule(owner), tensor, model.get_parameter(first))


def _target(x: ValueType, batch: int, loss: str) -> torch.Tensor | None:
    shape = (batch, *sizes(x))
    if loss == "cross_entropy":
        axis = x.channel_axis + 1
        return torch.zeros((*shape[:axis], *shape[axis + 1 :]), dtype=torch.int64)
    return torch.zeros(shape) if loss == "mse" else None


def _train(
    model: torch.nn.Module,
    inputs: list[torch.Tensor],
    stepper: torch.optim.Optimizer | None,
    dtype: str,
    losses: list[tuple[Measure, torch.Tensor | None]],
) -> None:
    with nullcontext() if dtype == "float32" else torch.autocast("cpu", dtype=getattr(torch, dtype)):
        outputs = model(*inputs)
    several = list(outputs.values()) if isinstance(outputs, dict) else outputs
    tensors = [several] if isinstance(several, torch.Tensor) else list(several)
    values = [measure(x, target) for x, (measure, target) in zip(tensors, losses, strict=True) if x.requires_grad]
    if not values or stepper is None:
        return
    loss = torch.stack(values).sum()
    loss.backward()
    stepper.step()
    stepper.zero_grad()
