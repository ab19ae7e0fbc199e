"""The smoke run itself, from building to timing; each fact is reported as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any

import torch

from archspec.errors import TaskError
from archspec.ir.graph import Graph
from archspec.ir.types import ValueType
from archspec.runtime.devices import PeakMeter, device_of, free_bytes, limit_memory, name_of
from archspec.runtime.layer_hooks import LayerMonitor, first_not_finite
from archspec.runtime.perform import SendMessage
from archspec.runtime.smoke.request import SmokeRequest
from archspec.runtime.smoke.timing import median_ms
from archspec.runtime.smoke.training import Training


@dataclass(slots=True)
class SmokeWorker:
    """One smoke run. A process that dies has reported its results so far, and the stage and layer that it was in."""

    graph: Graph
    request: SmokeRequest
    report: SendMessage
    monitor: LayerMonitor

    def run(self) -> None:
        """Run everything in order; raises TaskError, or torch's own errors."""
        self._enter("looking for the device")
        device = device_of(self.request.device)
        self._report_facts(device=str(device), device_name=name_of(device), device_bytes=free_bytes(device))
        torch.manual_seed(self.request.seed)
        # Before the module is built, whose memory is to count.
        meter = PeakMeter(device)
        if self.request.memory_limit is not None:
            limit_memory(device, self.request.memory_limit)
        self._enter("building")
        training = Training(self.graph, self.request, device)
        with self._reporting_peak(meter):
            first = self._checked(training)
            self._timed(training, meter)
        if self.request.again and training.optimizer is not None:
            self._enter("running the first step again")
            # The second model must not need memory next to the first.
            del training
            self._report_facts(deterministic=self._first_again(device) == first)

    def _enter(self, stage: str) -> None:
        self.report({"stage": stage})

    def _report_facts(self, **facts: Any) -> None:
        self.report({"facts": facts})

    @contextmanager
    def _reporting_peak(self, meter: PeakMeter) -> Iterator[None]:
        """Report the peak at the end, also of a run that fails."""
        try:
            yield
        finally:
            self._report_facts(peak_bytes=meter.peak(), peak_measured=meter.measured)

    def _checked(self, training: Training) -> tuple[float, list[int | None]]:
        """Run one forward pass and one training step, reporting each layer; return loss and gradients' fingerprint."""
        self._enter("forward")
        training.model.eval()
        with torch.no_grad(), self.monitor.attached(training.model):
            evaluated = {name: value.cpu() for name, value in training.forward().items()}
        self._report_facts(outputs=self._outputs(evaluated))
        self._refuse_not_finite(training, evaluated)
        self._enter("training step")
        training.model.train()
        with self.monitor.attached(training.model):
            return self._first_step(training, evaluated)

    def _outputs(self, outputs: dict[str, torch.Tensor]) -> dict[str, dict[str, Any]]:
        """Return the shapes and dtypes of the outputs; raises TaskError where they are not those of the Graph."""
        lowered = getattr(torch, self.request.dtype)
        for (name, value), item in zip(outputs.items(), self.graph.output_types, strict=True):
            shape = (self.request.batch, *item.shape)
            if tuple(value.shape) != shape:
                raise TaskError(
                    "output", f"output {name!r} has shape {list(value.shape)}, the graph says {list(shape)}"
                )
            if value.dtype not in _dtypes(item, lowered):
                raise TaskError("output", f"output {name!r} holds {value.dtype}, the graph says {item.kind}")
        return {n: {"shape": list(v.shape), "dtype": str(v.dtype).removeprefix("torch.")} for n, v in outputs.items()}

    def _refuse_not_finite(self, training: Training, outputs: dict[str, torch.Tensor]) -> None:
        for name, value in outputs.items():
            if not bool(torch.isfinite(value).all()):
                self._report_facts(finite=False)
                layer = first_not_finite(training.model, training.forward)
                raise TaskError("not_finite", f"output {name!r} holds numbers that are not finite", layer)

    def _first_step(self, training: Training, evaluated: dict[str, torch.Tensor]) -> tuple[float, list[int | None]]:
        torch.manual_seed(self.request.seed)
        outputs = training.forward()
        self._report_facts(train_eval_difference=_difference(outputs, evaluated))
        loss = training.loss_of(outputs)
        value = float(loss.detach())
        self._report_facts(loss=value if isfinite(value) else None, finite=isfinite(value))
        self._refuse_not_finite(training, outputs)
        if training.optimizer is None:
            return value, []
        # This reference would keep the outputs alive through the backward pass and raise the measured peak.
        del outputs
        training.backward(loss)
        named = list(training.model.named_parameters())
        self._report_facts(without_gradient=[name for name, parameter in named if parameter.grad is None])
        for name, parameter in named:
            if parameter.grad is not None and not bool(torch.isfinite(parameter.grad).all()):
                self._report_facts(finite=False)
                raise TaskError("not_finite", f"the gradient of {name} is not finite", name.rpartition(".")[0])
        found = value, training.fingerprint()
        training.optimizer.step()
        return found

    def _timed(self, training: Training, meter: PeakMeter) -> None:
        """Time forward passes and training steps, and check that their losses stay finite."""
        if self.request.compile:
            training.call = torch.compile(training.model)
        training.model.eval()
        with torch.no_grad():
            self._compiled(training.forward, "the forward pass")
            self._enter("timing the forward pass")
            self._report_facts(forward_ms=median_ms(training.forward, self.request.steps, training.device))
        if training.optimizer is None:
            return
        training.model.train()
        self._compiled(training.step, "a training step")
        self._enter("timing training steps")
        # The peak of what comes now: compiling, and the first step with its checks, may need more.
        meter.restart()
        losses: list[torch.Tensor] = []
        step_ms = median_ms(lambda: losses.append(training.step()), self.request.steps, training.device)
        self._report_facts(step_ms=step_ms, samples_per_second=self.request.batch / step_ms * 1_000)
        if not all(isfinite(float(loss)) for loss in losses):
            self._report_facts(finite=False)
            raise TaskError("not_finite", f"the loss is not finite within {len(losses)} steps")

    def _compiled(self, work: Callable[[], object], what: str) -> None:
        """Make torch.compile compile, which it does at the first call; nothing where the request is without it."""
        if not self.request.compile:
            return
        self._enter(f"compiling {what}")
        try:
            work()
        except Exception as error:
            # torch.compile wraps inductor's exception in another type.
            if "InvalidCxxCompiler" not in f"{type(error).__name__} {error}":
                raise
            missing = "torch.compile needs a C++ compiler on a CPU and finds none"
            raise TaskError("failed", f"{missing}; install g++, or leave --compile out") from None

    def _first_again(self, device: torch.device) -> tuple[float, list[int | None]]:
        """Return the loss and the gradients' fingerprint of the first step of a second model."""
        training = Training(self.graph, self.request, device)
        training.model.train()
        torch.manual_seed(self.request.seed)
        loss = training.loss_of(training.forward())
        training.backward(loss)
        return float(loss.detach()), training.fingerprint()


def _dtypes(item: ValueType, lowered: torch.dtype) -> tuple[torch.dtype, ...]:
    """Return the dtypes that an output of a kind may have; autocast may leave a floating point one in float32."""
    return {"ids": (torch.int64,), "mask": (torch.bool,)}.get(item.kind, (torch.float32, lowered))


@torch.no_grad()
def _difference(trained: dict[str, torch.Tensor], evaluated: dict[str, torch.Tensor]) -> float | None:
    """Return the largest difference of the outputs in training and in evaluation; None where that is not finite."""
    most = 0.0
    for name, value in trained.items():
        if value.is_floating_point() and value.numel():
            most = max(most, float((value.detach().cpu().float() - evaluated[name].float()).abs().max()))
    return most if isfinite(most) else None
