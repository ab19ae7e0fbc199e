"""Ground truth for valid sizes: the built module run on torch's meta device, without norms and activations."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

import archspec
from archspec import Graph, Spec
from archspec.analysis.valid_sizes.constraints import free_axes

DROPPED = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.GroupNorm,
    nn.ReLU,
    nn.ReLU6,
    nn.GELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.Dropout,
)


class Broadcast(Exception):
    """An add of two tensors of different shapes, one of which torch would have broadcast."""


class StrictAdd(TorchFunctionMode):
    """A mode that refuses an add that torch would broadcast, except along the batch, which a learned tensor lacks."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in ("add", "__add__", "__radd__", "add_", "__iadd__"):
            shapes = {tuple(x.shape[1:]) for x in args if isinstance(x, torch.Tensor) and x.ndim}
            if len(shapes) > 1:
                raise Broadcast(f"{shapes}")
        return func(*args, **(kwargs or {}))


def stripped(spec: Spec) -> nn.Module:
    """Return the module of a spec on the meta device, in training mode, without layers that change no shape."""
    model = archspec.build(spec, device="meta", init=False)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, DROPPED):
                setattr(parent, name, nn.Identity())
    return model.train()


def runs(model: nn.Module, graph: Graph, sizes: tuple[int, ...]) -> bool:
    """Return whether the module accepts these sizes, one for each free axis in order, and yields no empty map."""
    axes = zip(free_axes(graph), sizes, strict=True)
    given = {(axis.input, axis.index): size for axis, size in axes}
    tensors = []
    for name, x in graph.inputs:
        shape = [given.get((name, index), size) for index, size in enumerate(x.shape)]
        kind = {"ids": torch.long, "mask": torch.bool}.get(x.kind, torch.float32)
        tensors.append(torch.empty((2, *shape), dtype=kind, device="meta"))  # type: ignore[arg-type]
    try:
        with torch.no_grad(), StrictAdd():
            found = model(*tensors)
    except (RuntimeError, ValueError, IndexError, Broadcast):
        return False
    return all(0 not in x.shape for x in _tensors(found))


def _tensors(found: Any) -> list[torch.Tensor]:
    if isinstance(found, torch.Tensor):
        return [found]
    return [x for item in (found.values() if isinstance(found, dict) else found) for x in _tensors(item)]
