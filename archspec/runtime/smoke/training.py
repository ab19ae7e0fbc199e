"""A model with its inputs, targets and optimizer: the forward pass and the training step of a smoke run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from archspec.backends.torch.build import module_of
from archspec.backends.torch.samples import random_inputs
from archspec.ir.graph import Graph
from archspec.runtime.smoke.request import SmokeRequest

LEARNING_RATE, MOMENTUM = 1e-5, 0.9  # hardly learns: the steps are there to be measured
MEMORY_FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


class Training:
    """One model on random data. `call` is the model, or its compiled form."""

    def __init__(self, graph: Graph, request: SmokeRequest, device: torch.device) -> None:
        self.request, self.device = request, device
        self.model = module_of(graph, device=device, seed=request.seed)
        self.call: Callable[..., Any] = self.model
        self.inputs = random_inputs(graph, request.batch, device, request.seed)
        self.named = graph.outputs
        if request.channels_last:
            self._channels_last()
        trained = list(self.model.parameters())
        self.optimizer = _optimizer(request.optimizer, trained) if trained else None
        self._targets: list[torch.Tensor] = []

    def _channels_last(self) -> None:
        for parameter in self.model.parameters():
            # `.data` keeps the Parameter objects, so that shared ones stay shared.
            parameter.data = _last(parameter.data)
        self.inputs = [_last(value) for value in self.inputs]

    def forward(self) -> dict[str, torch.Tensor]:
        """Return the outputs by name; those of a tuple are numbered, a single one is `output`."""
        with self.cast():
            outputs = self.call(*self.inputs)
        if isinstance(outputs, dict):
            return outputs
        if isinstance(outputs, tuple):
            return {str(number): value for number, value in enumerate(outputs)}
        return {"output": outputs}

    def cast(self) -> AbstractContextManager[Any]:
        """Return autocast to the request's dtype; a null context for float32."""
        if self.request.dtype == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, dtype=getattr(torch, self.request.dtype))

    def loss_of(self, outputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the sum of the mean squared errors of all floating point outputs to random targets, in float32."""
        floating = [value.float() for value in outputs.values() if value.is_floating_point()]
        if not self._targets:
            # Not the seed of the inputs, whose numbers the targets would repeat.
            generator = torch.Generator().manual_seed(self.request.seed + 1)
            self._targets = [torch.randn(v.shape, generator=generator).to(self.device) for v in floating]
        pairs = zip(floating, self._targets, strict=True)
        return sum((functional.mse_loss(value, target) for value, target in pairs), torch.zeros((), device=self.device))

    def backward(self, loss: torch.Tensor) -> None:
        """Run the backward pass, unless no output depends on a parameter: torch refuses that."""
        if loss.requires_grad:
            loss.backward()

    def step(self) -> torch.Tensor:
        """Take one training step; return the loss before it."""
        assert self.optimizer is not None
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss_of(self.forward())
        self.backward(loss)
        self.optimizer.step()
        return loss.detach()

    def fingerprint(self) -> list[int | None]:
        """Return a checksum of each parameter's gradient: the sum of its elements' bit patterns as integers.

        Integer addition has no rounding, so that the checksum does not depend on the order of the sum, as a norm would.
        """
        return [None if p.grad is None else int(_bits(p.grad).sum()) for p in self.model.parameters()]


def _optimizer(name: str, trained: list[nn.Parameter]) -> torch.optim.Optimizer:
    if name == "adamw":
        return torch.optim.AdamW(trained, lr=LEARNING_RATE)
    return torch.optim.SGD(trained, lr=LEARNING_RATE, momentum=MOMENTUM)


def _last(tensor: torch.Tensor) -> torch.Tensor:
    """Return a batch of maps, or a kernel, with its channels last in memory; any other tensor as it is."""
    form = MEMORY_FORMATS.get(tensor.dim())
    return tensor if form is None else tensor.contiguous(memory_format=form)


def _bits(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.view({2: torch.int16, 4: torch.int32, 8: torch.int64}[gradient.element_size()])
