"""Gradient flow measured: one model on random data, looked at before and after some steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from archspec.analysis.gradient_flow import FlowLayer, FlowRun, Moment
from archspec.ir.graph import Graph
from archspec.runtime.gradient_flow.request import FlowRequest
from archspec.runtime.gradient_flow.weight_init import start
from archspec.runtime.layer_hooks import LayerMonitor
from archspec.runtime.smoke.training import Training

OnStage = Callable[[str], None]
Weights = dict[str, torch.Tensor]


class FlowMeasurement:
    """One network with its random samples; `weights` are those of another one that it starts with."""

    def __init__(
        self, graph: Graph, layers: tuple[FlowLayer, ...], request: FlowRequest, weights: Weights | None = None
    ) -> None:
        self.graph, self.layers, self.request = graph, layers, request
        self._training = Training(graph, request.as_smoke(), torch.device(request.device))
        self.model = self._training.model
        if weights is None:
            start(self.model, layers, request.init, request.seed)
        else:
            self.model.load_state_dict({key: weights[key] for key in self.model.state_dict()})
        self._tensors = dict(self.model.named_parameters(remove_duplicate=False))
        self._labels: list[torch.Tensor] = []
        self.model.train()

    def weights(self) -> Weights:
        """A copy of all tensors."""
        return {key: tensor.clone() for key, tensor in self.model.state_dict().items()}

    def run(self, shortcuts: bool, monitor: LayerMonitor, on_stage: OnStage) -> FlowRun:
        """Measure, train, and measure again where there are steps and all losses were finite."""
        on_stage("the start")
        moments = [self._moment(0, monitor)]
        losses, stopped = self._train(on_stage)
        if self.request.steps and stopped is None:
            on_stage("the end")
            moments.append(self._moment(self.request.steps, monitor))
        params = sum(parameter.numel() for parameter in self.model.parameters())
        return FlowRun(shortcuts, params, self.layers, tuple(moments), tuple(losses), stopped)

    def _moment(self, step: int, monitor: LayerMonitor) -> Moment:
        """The norms of one pass forwards and backwards. Running statistics of norms are left as they were."""
        kept = [(buffer, buffer.clone()) for buffer in self.model.buffers()]
        with monitor.attached(self.model), self._outputs_seen() as outputs:
            loss = self._backward()
        gradients = [self._tensors[layer.weight].grad for layer in self.layers]
        with torch.no_grad():
            for buffer, before in kept:
                buffer.copy_(before)
        norms = [None if gradient is None else _norm(gradient) for gradient in gradients]
        return Moment(step, _finite(float(loss)), tuple(norms), tuple(outputs()))

    def _backward(self) -> torch.Tensor:
        self.model.zero_grad(set_to_none=True)
        torch.manual_seed(self.request.seed)  # dropout drops the same
        loss = self._loss(self._training.forward())
        loss.backward()
        return loss.detach()

    @contextmanager
    def _outputs_seen(self) -> Iterator[Callable[[], list[float | None]]]:
        """Remember the norm of what each layer's module gives, call by call."""
        modules = dict(self.model.named_modules(remove_duplicate=False))
        mine = [modules.get(layer.path) for layer in self.layers]
        seen: dict[int, list[float | None]] = {id(module): [] for module in mine if module is not None}

        def look(module: nn.Module, _inputs: Any, given: torch.Tensor) -> None:
            seen[id(module)].append(_norm(given))

        unique = {id(module): module for module in mine if module is not None}
        handles = [module.register_forward_hook(look) for module in unique.values()]
        try:
            yield lambda: [seen[id(m)].pop(0) if m is not None and seen[id(m)] else None for m in mine]
        finally:
            for handle in handles:
                handle.remove()

    def _train(self, on_stage: OnStage) -> tuple[list[float], int | None]:
        """The loss of each step, and the step after which it was not finite."""
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
        """Cross entropy to random classes over the channels of each output, squared error where it has one channel."""
        types = self.graph.output_types
        pairs = [(value, t.channel_axis + 1) for value, t in zip(outputs.values(), types, strict=True)]
        pairs = [(value.movedim(axis, -1), axis) for value, axis in pairs if value.is_floating_point()]
        values = [value.reshape(-1, value.shape[-1]) for value, _ in pairs]
        if not self._labels:
            generator = torch.Generator().manual_seed(self.request.seed + 1)
            self._labels = [_targets(value, generator) for value in values]
        parts = [_distance(value, labels) for value, labels in zip(values, self._labels, strict=True)]
        return torch.stack(parts).sum()


def _targets(value: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    rows, channels = value.shape
    if channels > 1:
        return torch.randint(0, channels, (rows,), generator=generator).to(value.device)
    return torch.randn(rows, 1, generator=generator).to(value.device)


def _distance(value: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    if value.shape[-1] > 1:
        return functional.cross_entropy(value, targets)
    return functional.mse_loss(value, targets)


def _norm(tensor: torch.Tensor) -> float | None:
    """The L2 norm in double precision; None where it is not finite."""
    return _finite(float(torch.linalg.vector_norm(tensor.detach().to("cpu", torch.float64))))


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
