"""The learning check itself: a plain training loop, whose losses are reported as they are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from time import perf_counter
from typing import Any

import torch
from torch.nn import functional

from archspec.backends.torch.build import module_of
from archspec.backends.torch.samples import random_inputs
from archspec.errors import TaskError
from archspec.ir.graph import Graph
from archspec.runtime.devices import device_of, name_of
from archspec.runtime.layer_hooks import LayerMonitor, first_not_finite
from archspec.runtime.learn.datasets import examples_of
from archspec.runtime.learn.examples import Examples, ExampleSet
from archspec.runtime.learn.metrics import evaluating, measured, metric_of, scored
from archspec.runtime.learn.request import LearnRequest
from archspec.runtime.perform import SendMessage

REPORTS = 100  # in a whole check
EVALUATIONS = 10
MOMENTUM = 0.9


@dataclass(slots=True)
class LearnWorker:
    """One learning check."""

    graph: Graph
    request: LearnRequest
    report: SendMessage
    monitor: LayerMonitor
    losses: list[float] = field(default_factory=list)  # those not reported yet

    def run(self) -> None:
        """Run everything in order; raises TaskError, or torch's own errors."""
        request = self.request
        self.report({"stage": "looking for the device"})
        device = device_of(request.device)
        self._report_facts(device=str(device), device_name=name_of(device))
        torch.manual_seed(request.seed)
        self.report({"stage": f"reading {request.data}"})
        examples = examples_of(request.data, self.graph.inputs[0][1])
        self.report({"stage": "building"})
        model = module_of(self.graph, device=device, seed=request.seed)
        self._report_facts(
            parameters=sum(parameter.numel() for parameter in model.parameters()),
            examples=len(examples.train),
            held_out=len(examples.held_out),
            metric=examples.metric,
            baseline=examples.baseline,
            baseline_is=examples.baseline_is,
        )
        if not list(model.parameters()):
            raise TaskError("failed", "the design has no parameters, so that there is nothing to train")
        if request.data == "text":
            _refuse_looking_ahead(model, self.graph, device)
        self.report({"stage": "importing torchmetrics"})
        # Before the clock starts, as the import takes seconds; any number of classes would do.
        metric_of(examples.metric, 2)
        began = perf_counter()
        self._train(model, examples, device)
        self.report({"stage": "measuring what it was trained on"})
        seen = examples.train.spread(len(examples.held_out))
        self._report_facts(trained_value=measured(model, examples, seen, request.batch, device))
        self._report_facts(seconds=perf_counter() - began)

    def _report_facts(self, **facts: Any) -> None:
        self.report({"facts": facts})

    def _train(self, model: torch.nn.Module, examples: Examples, device: torch.device) -> None:
        request, steps = self.request, self.request.steps_taken
        optimizer = _optimizer(model, request)
        model.train()
        self._evaluate(model, examples, 0, device)
        for step, part in enumerate(_batches(examples.train, request), start=1):
            inputs, targets = examples.prepare(part.inputs.to(device)), part.targets.to(device)
            optimizer.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(scored(model, inputs), targets)
            self._add_loss(model, inputs, step, float(loss.detach()))
            if not loss.requires_grad:
                raise TaskError("failed", "the output depends on no parameter, so that there is nothing to learn")
            loss.backward()
            optimizer.step()
            # True at EVALUATIONS evenly spaced steps (at every step, if there are fewer), the last one included.
            if step * EVALUATIONS // steps > (step - 1) * EVALUATIONS // steps:
                self._evaluate(model, examples, step, device)

    def _add_loss(self, model: torch.nn.Module, inputs: torch.Tensor, step: int, loss: float) -> None:
        """Add a loss, and report the new ones REPORTS times in all; raises TaskError if it is not finite."""
        steps = self.request.steps_taken
        if isfinite(loss):
            self.losses.append(loss)
        if not isfinite(loss) or step == steps or step * REPORTS // steps > (step - 1) * REPORTS // steps:
            stage = f"step {step} of {steps}" + (f"  loss {loss:.4f}" if isfinite(loss) else "")
            self.report({"stage": stage, "losses": list(self.losses)})
            self.losses.clear()
        if not isfinite(loss):
            message = f"the loss of step {step} is {loss}, after {step - 1} steps of {self._rate()}"
            raise TaskError("not_finite", message, first_not_finite(model, lambda: model(inputs)))

    def _evaluate(self, model: torch.nn.Module, examples: Examples, step: int, device: torch.device) -> None:
        value = measured(model, examples, examples.held_out, self.request.batch, device)
        if not isfinite(value):
            raise TaskError("not_finite", f"scores are not finite after {step} steps of {self._rate()}")
        self.report({"evaluation": [step, value]})

    def _rate(self) -> str:
        return f"{self.request.optimizer} with a learning rate of {self.request.rate:g}"


def _batches(part: ExampleSet, request: LearnRequest) -> Iterator[ExampleSet]:
    """Yield a batch for each step: one shuffled order of all examples after another, all batches of the same size."""
    generator = torch.Generator().manual_seed(request.seed)
    size = min(request.batch, len(part))
    count = 0
    while True:
        order = torch.randperm(len(part), generator=generator)
        # An incomplete batch at the end is left out: it might be a single sample, on which batch norm does not train.
        for first in range(0, len(part) - size + 1, size):
            if count == request.steps_taken:
                return
            count += 1
            yield part.take(order[first : first + size])


def _optimizer(model: torch.nn.Module, request: LearnRequest) -> torch.optim.Optimizer:
    if request.optimizer == "adamw":
        return torch.optim.AdamW(model.parameters(), lr=request.rate)
    return torch.optim.SGD(model.parameters(), lr=request.rate, momentum=MOMENTUM)


def _refuse_looking_ahead(model: torch.nn.Module, graph: Graph, device: torch.device) -> None:
    """Raise TaskError if a score depends on a later character, since these are to be predicted."""
    (text,) = random_inputs(graph, 1, device, 0)
    # Later characters are changed; a causal decoder gives the earlier positions the same scores, up to rounding.
    half = text.shape[1] // 2
    other = text.clone()
    other[:, half:] = (other[:, half:] + 1) % 128
    with evaluating(model):
        before, after = (model(ids)[:, :half] for ids in (text, other))
    if not torch.allclose(before, after, rtol=1e-4, atol=1e-5):
        message = "scores change with the characters after them, so that its input holds what it should predict"
        raise TaskError("looks_ahead", f"{message}: its attention needs `causal: true`")
