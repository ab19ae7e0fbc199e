"""Norms of gradients and activations of one model on random data, before and after some steps of SGD."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from archspec.analysis.gradient_flow import FlowLayer, FlowMoment, FlowRun
from archspec.backends.torch.random_state import seed_generators
from archspec.ir.graph import Graph
from archspec.runtime.gradient_flow.request import FlowRequest
from archspec.runtime.gradient_flow.weight_init import initialise
from archspec.runtime.layer_hooks import LayerMonitor
from archspec.runtime.smoke.training import Training

OnStage = Callable[[str], None]
Weights = dict[str, torch.Tensor]


class FlowMeasurement:
    """One network with its random samples. `weights`: initial tensors by key, instead of an initialisation."""

    def __init__(
        self, graph: Graph, layers: tuple[FlowLayer, ...], request: FlowRequest, weights: Weights | None = None
    ) -> None:
        self.graph, self.layers, self.request = graph, layers, request
        self._training = Training(graph, request.as_smoke(), torch.device(request.device))
        self.model = self._training.model
        if weights is None:
            initialise(self.model, layers, request.init, request.seed)
        else:
            # The design without shortcuts has a part of the other's tensors.
            self.model.load_state_dict({key: weights[key] for key in self.model.state_dict()})
        self._tensors = dict(self.model.named_parameters(remove_duplicate=False))
        self._labels: list[torch.Tensor] = []
        self.model.train()

    def weights(self) -> Weights:
        """Return a copy of the state_dict."""
        return {key: tensor.clone() for key, tensor in self.model.state_dict().items()}

    def run(self, shortcuts: bool, monitor: LayerMonitor, on_stage: OnStage) -> FlowRun:
        """Measure, train, and measure again if there are steps and all losses were finite."""
        on_stage("the start")
        moments = [self._moment(0, monitor)]
        losses, stopped = self._train(on_stage)
        if self.request.steps and stopped is None:
            on_stage("the end")
            moments.append(self._moment(self.request.steps, monitor))
        params = sum(parameter.numel() for parameter in self.model.parameters())
        return FlowRun(shortcuts, params, self.layers, tuple(moments), tuple(losses), stopped)

    def _moment(self, step: int, monitor: LayerMonitor) -> FlowMoment:
        """Measure one forward and backward pass; buffers, such as running statistics, are restored afterwards."""
        before = [(buffer, buffer.clone()) for buffer in self.model.buffers()]
        with monitor.attached(self.model), self._recorded_outputs() as outputs:
            loss = self._backward()
        gradients = [self._tensors[layer.weight].grad for layer in self.layers]
        with torch.no_grad():
            for buffer, value in before:
                buffer.copy_(value)
        norms = [None if gradient is None else _norm(gradient) for gradient in gradients]
        return FlowMoment(step, _finite(float(loss)), tuple(norms), tuple(outputs()))

    def _backward(self) -> torch.Tensor:
        self.model.zero_grad(set_to_none=True)
        seed_generators(self.request.seed, self._training.device)  # dropout drops the same
        loss = self._loss(self._training.forward())
        self._training.backward(loss)
        return loss.detach()

    @contextmanager
    def _recorded_outputs(self) -> Iterator[Callable[[], list[float | None]]]:
        """Record the norm of each layer's output; yield a function that returns them, one for each layer.

        A module that several layers share is called several times: its norms are kept in the order of the calls,
        which is the order of the layers.
        """
        modules = dict(self.model.named_modules(remove_duplicate=False))
        mine = [modules.get(layer.path) for layer in self.layers]
        seen: dict[int, list[float | None]] = {id(module): [] for module in mine if module is not None}

        def record(module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
            seen[id(module)].append(_norm(output))

        unique = {id(module): module for module in mine if module is not None}
        handles = [module.register_forward_hook(record) for module in unique.values()]
        try:
            yield lambda: [seen[id(m)].pop(0) if m is not None and seen[id(m)] else None for m in mine]
        finally:
            for handle in handles:
                handle.remove()

    def _train(self, on_stage: OnStage) -> tuple[list[float], int | None]:
        """Take the steps of SGD; return the loss of each, and the step at which it was not finite, if any."""
        optimizer = torch.optim.SGD(self.model.parameters(), lr=self.request.learning_rate)
        losses: list[float] = []
        for step in range(self.request.steps):
            on_stage(f"step {step + 1} of {self.request.steps}")
            loss = float(self._backward())
            if not isfinite(loss):
                return losses, step
            losses.append(loss)
            optimizer.step()
        return losses, None

    def _loss(self, outputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the sum of each output's cross entropy to random classes, or squared error if it has one channel.

        Every position counts as a sample, so that dense outputs are trained everywhere. The targets are drawn once: a
        loss that moves is due to the weights.
        """
        types = self.graph.output_types
        pairs = [(value, t.channel_axis + 1) for value, t in zip(outputs.values(), types, strict=True)]
        pairs = [(value.movedim(axis, -1), axis) for value, axis in pairs if value.is_floating_point()]
        values = [value.reshape(-1, value.shape[-1]) for value, _ in pairs]
        if not self._labels:
            # Not the seed of the inputs, whose numbers the targets would repeat.
            generator = torch.Generator().manual_seed(self.request.seed + 1)
            self._labels = [_targets(value, generator) for value in values]
        parts = [_loss_of(value, labels) for value, labels in zip(values, self._labels, strict=True)]
        return torch.stack(parts).sum()


def _targets(value: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    rows, channels = value.shape
    if channels > 1:
        return torch.randint(0, channels, (rows,), generator=generator).to(value.device)
    return torch.randn(rows, 1, generator=generator).to(value.device)


def _loss_of(value: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    if value.shape[-1] > 1:
        return functional.cross_entropy(value, targets)
    return functional.mse_loss(value, targets)


def _norm(tensor: torch.Tensor) -> float | None:
    """Return the L2 norm in double precision; None where it is not finite."""
    return _finite(float(torch.linalg.vector_norm(tensor.detach().to("cpu", torch.float64))))


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
