"""Random samples for the inputs of a graph."""

from __future__ import annotations

from typing import Any

import torch

from archspec.ir.graph import Graph
from archspec.ir.types import ValueType

_DTYPES = {"ids": torch.int64, "mask": torch.bool}  # of other kinds torch's default


def random_inputs(graph: Graph, batch: int, device: Any, seed: int) -> list[torch.Tensor]:
    """Return random samples for every input: normal numbers, ids below their range, masks without an empty row.

    On the meta device they have shapes alone, and take no memory on the CPU either.
    """
    if torch.device(device).type == "meta":
        return [
            torch.empty(_shape(item, batch), dtype=_DTYPES.get(item.kind), device=device) for _, item in graph.inputs
        ]
    # Drawn on the CPU: a seed gives the same samples on every device.
    generator = torch.Generator().manual_seed(seed)
    return [_random(item, batch, generator).to(device) for _, item in graph.inputs]


def _shape(item: ValueType, batch: int) -> tuple[int, ...]:
    return (batch, *(int(size) for size in item.shape if isinstance(size, int)))


def _random(item: ValueType, batch: int, generator: torch.Generator) -> torch.Tensor:
    shape = _shape(item, batch)
    if item.kind == "ids":
        return torch.randint(0, item.range or 1, shape, generator=generator)
    if item.kind == "mask":
        mask = torch.randint(0, 2, shape, generator=generator, dtype=torch.bool)
        mask[..., 0] = True  # a query that may look nowhere has no softmax
        return mask
    return torch.randn(shape, generator=generator)
