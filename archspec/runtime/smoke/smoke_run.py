"""A smoke run seen from outside: run in a process of its own, its report made of what the worker tells."""

from __future__ import annotations

from archspec.ir.graph import Graph
from archspec.runtime.smoke.predicting import predicted_peak
from archspec.runtime.smoke.report import SmokeReport
from archspec.runtime.smoke.request import SmokeRequest
from archspec.runtime.worker.client import ProgressCallback, RunCollector, ShouldStop, supervise


def run(
    graph: Graph, request: SmokeRequest, on_progress: ProgressCallback | None = None, stop: ShouldStop | None = None
) -> SmokeReport:
    """The report of one smoke run in a process of its own; raises Interrupted. No process is left behind."""
    heard = SmokeCollector(graph, request, on_progress)
    supervise(heard, stop)
    return heard.report()


class SmokeCollector(RunCollector):
    """What the worker of a smoke run has told so far."""

    def __init__(self, graph: Graph, request: SmokeRequest, on_progress: ProgressCallback | None) -> None:
        super().__init__(graph, request, on_progress)
        self.asked = request

    def report(self) -> SmokeReport:
        """All of it."""
        facts, request = dict(self.facts), self.asked
        device = facts.pop("device", request.device)
        without = facts.pop("without_gradient", None)
        return SmokeReport(
            name=self.graph.name,
            variant=self.graph.variant,
            ok=self.done and not self.failure,
            device=device,
            device_name=facts.pop("device_name", None),
            dtype=request.dtype,
            batch=request.batch,
            optimizer=request.optimizer,
            steps=request.steps,
            compile=request.compile,
            channels_last=request.channels_last,
            seed=request.seed,
            predicted_peak_bytes=predicted_peak(self.graph, request, device),
            without_gradient=None if without is None else tuple(without),
            **self.failed(),
            **facts,
        )
