"""Gradient checkpointing: a block computes its activations again in the backward pass (Chen et al. 2016)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.utils.checkpoint import checkpoint

Forward = Callable[..., Any]
COUNTER = "num_batches_tracked"


def with_checkpoint(forward: Forward) -> Forward:
    """Return a forward that saves its inputs only; without gradients it is `forward` itself."""

    def checkpointed_forward(self: nn.Module, *inputs: Any) -> Any:
        if not torch.is_grad_enabled():
            return forward(self, *inputs)
        # Not the reentrant variant: it gives no gradients where no input requires one, as in a network's first block.
        if torch.compiler.is_compiling():  # the compiler computes again what it chooses, but updates nothing twice
            return checkpoint(forward, self, *inputs, use_reentrant=False)
        return checkpoint(forward, self, *inputs, use_reentrant=False, context_fn=lambda: _contexts(self))

    return checkpointed_forward


def _contexts(block: nn.Module) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    """Return the contexts of a block's first run and of those for its gradients."""
    return nullcontext(), _StatisticsKept(block)


class _StatisticsKept(AbstractContextManager[None]):
    """Context in which the norms of a block leave their running statistics alone: the batch has been counted."""

    def __init__(self, block: nn.Module) -> None:
        self._block = block
        self._before: list[tuple[_NormBase, float | None, torch.Tensor | None]] = []

    def __enter__(self) -> None:
        for norm in self._block.modules():
            if isinstance(norm, _NormBase) and norm.training and norm.track_running_stats:
                self._before.append((norm, norm.momentum, norm._buffers.get(COUNTER)))
                norm.momentum = 0.0  # the statistics are still passed, since autograd counts what is saved
                # torch counts a batch only where there is a counter.
                norm._buffers[COUNTER] = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while self._before:
            norm, momentum, counter = self._before.pop()
            norm.momentum, norm._buffers[COUNTER] = momentum, counter
