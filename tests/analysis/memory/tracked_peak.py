"""The peak of a training step by torch's MemTracker under fake tensors: every allocation is counted, none is made."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from torch.distributed._tools.mem_tracker import MemTracker

import archspec
from tests.analysis.memory.fake_tensors import fake_tensors
from tests.narrow import sizes

OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1),
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=0.1),
}
DTYPES = {"ids": torch.int64, "mask": torch.bool}


def tracked_peak(
    spec: archspec.Spec, batch: int, optimizer: str, checkpoint: bool = False, dtype: str = "float32"
) -> int:
    """Return the peak in bytes over two training steps; the first allocates the optimizer's state."""
    graph, model = archspec.lower(spec), archspec.build(spec, device="meta", checkpoint=checkpoint)
    with fake_tensors():
        # Under the mode, so that the parameters become fake tensors of a CPU, not memory.
        model.to_empty(device="cpu")
        inputs = [torch.zeros((batch, *sizes(x)), dtype=DTYPES.get(x.kind, torch.float32)) for _, x in graph.inputs]
        stepper, tracker = OPTIMIZERS[optimizer](model.parameters()), MemTracker()
        tracker.track_external(model, stepper, *inputs)
        with tracker:
            for _ in range(2):
                _train(model, inputs, stepper, dtype)
                # MemTracker refuses a module of which it has statistics from the iteration before.
                tracker.reset_mod_stats()
        snapshot = tracker.get_tracker_snapshot("peak")
    return sum(counts["Total"] for counts in snapshot.values())


def _train(model: torch.nn.Module, inputs: list[torch.Tensor], stepper: torch.optim.Optimizer, dtype: str) -> None:
    with nullcontext() if dtype == "float32" else torch.autocast("cpu", dtype=getattr(torch, dtype)):
        outputs = model(*inputs)
    several = list(outputs.values()) if isinstance(outputs, dict) else outputs
    tensors = [several] if isinstance(several, torch.Tensor) else list(several)
    loss = torch.stack([x.float().square().mean() for x in tensors]).sum()
    loss.backward()
    stepper.step()
    stepper.zero_grad()
