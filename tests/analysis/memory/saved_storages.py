"""The memory that torch itself reports: the storages that autograd keeps."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel


def samples(graph: Any, batch: int, device: str = "meta") -> tuple[torch.Tensor, ...]:
    """Return a batch of zeros for each input of a graph."""
    dtypes = {"ids": torch.int64, "mask": torch.bool}
    return tuple(
        torch.zeros((batch, *x.shape), dtype=dtypes.get(x.kind, torch.float32), device=device) for _, x in graph.inputs
    )


def seen_bytes(model: torch.nn.Module, inputs: tuple[torch.Tensor, ...], *, math: bool = True) -> int:
    """Return the bytes that autograd keeps of a forward pass, without parameters and buffers, each storage once."""
    own = {t.untyped_storage()._cdata for t in (*model.parameters(), *model.buffers())}
    kept: dict[int, Any] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage  # held, so that no other storage gets its place
        return tensor

    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        sdpa_kernel(SDPBackend.MATH) if math else nullcontext(),
    ):
        output = model(*inputs)
    del output
    return sum(storage.nbytes() for storage in kept.values())
