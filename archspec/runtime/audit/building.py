"""The module that checkers count, and samples for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from archspec.backends.torch.build import module_of
from archspec.backends.torch.samples import random_inputs
from archspec.ir.graph import Graph


def on_meta(graph: Graph) -> tuple[nn.Module, list[torch.Tensor]]:
    """Return the module in evaluation mode and one sample, both on the meta device."""
    return module_of(graph, device="meta").eval(), random_inputs(graph, 1, "meta", 0)


def on_cpu(graph: Graph) -> tuple[nn.Module, list[torch.Tensor]]:
    """Return the module in evaluation mode and one sample; its tensors are zero, since no counter looks at values."""
    model = module_of(graph, device="cpu", init=False).eval()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.zero_()
    return model, random_inputs(graph, 1, "cpu", 0)


def tensors_of(outputs: torch.Tensor | Sequence[torch.Tensor] | Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
    """Return the tensors of a module's output: one, several in a row or by name."""
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return list(outputs.values() if isinstance(outputs, Mapping) else outputs)
