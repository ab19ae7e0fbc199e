"""The smoke run itself, in the worker: from building to timing, what is found out told as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any

import torch

from archspec.ir.graph import Graph
from archspec.ir.types import ValueType
from archspec.runtime.devices import PeakMeter, device_of, limit_memory, name_of, room_of
from archspec.runtime.layer_hooks import LayerMonitor, first_not_finite
from archspec.runtime.smoke.request import SmokeRequest
from archspec.runtime.smoke.timing import median_ms
from archspec.runtime.smoke.training import Training
from archspec.runtime.worker.failing import Failed, Say


@dataclass(slots=True)
class SmokeWorker:
    """One run. `stage` is what it is doing; `monitor` knows the layer."""

    graph: Graph
    request: SmokeRequest
    say: Say
    monitor: LayerMonitor

    def run(self) -> None:
        """Everything, in order; raises Failed, or what torch raises."""
        self._stage("looking for the device")
        device = device_of(self.request.device)
        self._facts(device=str(device), device_name=name_of(device), device_bytes=room_of(device))
        torch.manual_seed(self.request.seed)
        meter = PeakMeter(device)
        if self.request.memory_limit is not None:
            limit_memory(device, self.request.memory_limit)
        self._stage("building")
        training = Training(self.graph, self.request, device)
        with self._peak_told(meter):
            first = self._checked(training)
            self._timed(training, meter)
        if self.request.again and training.optimizer is not None:
            self._stage("running the first step again")
            del training
            self._facts(deterministic=self._first_again(device) == first)

    def _stage(self, name: str) -> None:
        self.say({"stage": name})

    def _facts(self, **facts: Any) -> None:
        self.say({"facts": facts})

    @contextmanager
    def _peak_told(self, meter: PeakMeter) -> Iterator[None]:
        """Tell the peak at the end, also of a run that fails."""
        try:
            yield
        finally:
            self._facts(peak_bytes=meter.peak(), peak_measured=meter.measured)

    def _checked(self, training: Training) -> tuple[float, list[int | None]]:
        """One forward pass and one training step, each layer told; the loss and the gradients' fingerprint."""
        self._stage("forward")
        training.model.eval()
        with torch.no_grad(), self.monitor.on(training.model):
            evaluated = {name: value.cpu() for name, value in training.forward().items()}
        self._facts(outputs=self._outputs(evaluated))
        self._refuse_not_finite(training, evaluated)
        self._stage("training step")
        training.model.train()
        with self.monitor.on(training.model):
            return self._first_step(training, evaluated)

    def _outputs(self, outputs: dict[str, torch.Tensor]) -> dict[str, dict[str, Any]]:
        """The shapes and dtypes of the outputs; raises Failed where they are not what the Graph says."""
        lowered = getattr(torch, self.request.dtype)
        for (name, value), item in zip(outputs.items(), self.graph.output_types, strict=True):
            shape = (self.request.batch, *item.shape)
            if tuple(value.shape) != shape:
                raise Failed("output", f"output {name!r} has shape {list(value.shape)}, the graph says {list(shape)}")
            if value.dtype not in _dtypes(item, lowered):
                raise Failed("output", f"output {name!r} holds {value.dtype}, the graph says {item.kind}")
        return {n: {"shape": list(v.shape), "dtype": str(v.dtype).removeprefix("torch.")} for n, v in outputs.items()}

    def _refuse_not_finite(self, training: Training, outputs: dict[str, torch.Tensor]) -> None:
        for name, value in outputs.items():
            if not bool(torch.isfinite(value).all()):
                self._facts(finite=False)
                layer = first_not_finite(training.model, training.forward)
                raise Failed("not_finite", f"output {name!r} holds numbers that are not finite", layer)

    def _first_step(self, training: Training, evaluated: dict[str, torch.Tensor]) -> tuple[float, list[int | None]]:
        torch.manual_seed(self.request.seed)
        outputs = training.forward()
        self._facts(train_eval_difference=_difference(outputs, evaluated))
        loss = training.loss_of(outputs)
        value = float(loss.detach())
        self._facts(loss=value if isfinite(value) else None, finite=isfinite(value))
        self._refuse_not_finite(training, outputs)
        if training.optimizer is None:
            return value, []
        del outputs
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
        named = list(training.model.named_parameters())
        self._facts(without_gradient=[name for name, parameter in named if parameter.grad is None])
        for name, parameter in named:
            if parameter.grad is not None and not bool(torch.isfinite(parameter.grad).all()):
                self._facts(finite=False)
                raise Failed("not_finite", f"the gradient of {name} is not finite", name.rpartition(".")[0])
        found = value, training.fingerprint()
        training.optimizer.step()
        return found

    def _timed(self, training: Training, meter: PeakMeter) -> None:
        """The times of forward passes and of training steps, and whether their losses stay finite."""
        if self.request.compile:
            training.call = torch.compile(training.model)
        training.model.eval()
        with torch.no_grad():
            self._compiled(training.forward, "the forward pass")
            self._stage("timing the forward pass")
            self._facts(forward_ms=median_ms(training.forward, self.request.steps, training.device))
        if training.optimizer is None:
            return
        training.model.train()
        self._compiled(training.step, "a training step")
        self._stage("timing training steps")
        meter.restart()
        losses: list[torch.Tensor] = []
        step_ms = median_ms(lambda: losses.append(training.step()), self.request.steps, training.device)
        self._facts(step_ms=step_ms, samples_per_second=self.request.batch / step_ms * 1_000)
        if not all(isfinite(float(loss)) for loss in losses):
            self._facts(finite=False)
            raise Failed("not_finite", f"the loss is not finite within {len(losses)} steps")

    def _compiled(self, work: Callable[[], object], what: str) -> None:
        """Have torch.compile do its work, which it does at the first call; nothing where it is not asked for."""
        if not self.request.compile:
            return
        self._stage(f"compiling {what}")
        try:
            work()
        except Exception as error:
            if "InvalidCxxCompiler" not in f"{type(error).__name__} {error}":
                raise
            missing = "torch.compile needs a C++ compiler on a CPU and finds none"
            raise Failed("failed", f"{missing}; install g++, or leave --compile out") from None

    def _first_again(self, device: torch.device) -> tuple[float, list[int | None]]:
        """The loss and the gradients' fingerprint of the first step of a model that is built anew."""
        training = Training(self.graph, self.request, device)
        training.model.train()
        torch.manual_seed(self.request.seed)
        loss = training.loss_of(training.forward())
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
        return float(loss.detach()), training.fingerprint()


def _dtypes(item: ValueType, lowered: torch.dtype) -> tuple[torch.dtype, ...]:
    """What an output of that kind may hold; a floating point one may come out of autocast or not."""
    return {"ids": (torch.int64,), "mask": (torch.bool,)}.get(item.kind, (torch.float32, lowered))


@torch.no_grad()
def _difference(trained: dict[str, torch.Tensor], evaluated: dict[str, torch.Tensor]) -> float | None:
    """How far the outputs in training lie from those in evaluation at most; None where that is no number."""
    most = 0.0
    for name, value in trained.items():
        if value.is_floating_point() and value.numel():
            most = max(most, float((value.detach().cpu().float() - evaluated[name].float()).abs().max()))
    return most if isfinite(most) else None
