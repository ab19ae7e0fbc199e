"""Counts of the operations that torch dispatches for a module on the meta device."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

import archspec
from archspec.ir.graph import Graph
from tests.narrow import sizes

FREE = ("detach", "empty", "t.", "_unsafe_view")


class Counting(TorchDispatchMode):
    """A mode that counts operations other than views, and the bytes of their tensor arguments and first results."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch has no types for it
        self.operations = self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if not func.is_view and not func.__name__.startswith(FREE):
            given = [x for x in tree_leaves((args, kwargs)) if isinstance(x, torch.Tensor)]
            first = next(x for x in tree_leaves(result) if isinstance(x, torch.Tensor))
            self.operations += 1
            # By id: an argument that is passed twice is read from memory once.
            self.bytes += sum(x.numel() * x.element_size() for x in (*{id(x): x for x in given}.values(), first))
        return result


def module_and_samples(name: str, graph: Graph, batch: int) -> tuple[torch.nn.Module, list[torch.Tensor]]:
    module = archspec.build(name, device="meta", init=False)
    return module, [torch.empty(batch, *sizes(kind), device="meta") for _, kind in graph.inputs]


def dispatched(name: str, graph: Graph, batch: int) -> tuple[int, int]:
    """Return the number of operations of a forward pass in eval mode, and the bytes that they read and write."""
    module, samples = module_and_samples(name, graph, batch)
    with torch.no_grad(), Counting() as counting:
        module.eval()(*samples)
    return counting.operations, counting.bytes


def trained_flops(name: str, graph: Graph) -> int:
    """Return the FLOPs of forward and backward as FlopCounterMode counts them, those of attention left out."""
    module, samples = module_and_samples(name, graph, 1)
    with FlopCounterMode(display=False) as counter:
        module(*samples).sum().backward()
    counts = counter.get_flop_counts()["Global"]
    # Which kernel attention runs is torch's choice (a fused one, or bmm): it is left out on both sides.
    return sum(number for what, number in counts.items() if "attention" not in str(what) and "bmm" not in str(what))
