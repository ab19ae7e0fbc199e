"""A smoke run in a separate process."""

from __future__ import annotations

from archspec.ir.graph import Graph
from archspec.runtime.collector import ProgressCallback, RunCollector
from archspec.runtime.smoke.predicting import predicted_peak
from archspec.runtime.smoke.report import SmokeReport
from archspec.runtime.smoke.request import SmokeRequest
from archspec.worker.client import ShouldStop


def run(
    graph: Graph, request: SmokeRequest, on_progress: ProgressCallback | None = None, stop: ShouldStop | None = None
) -> SmokeReport:
    """Return the report of one smoke run in a separate process; raises Interrupted. No process is left behind."""
    collector = SmokeCollector(graph, request, on_progress)
    collector.collect_from_worker(stop)
    return collector.report()


class SmokeCollector(RunCollector):
    """Collects the messages of a smoke run into a SmokeReport."""

    request: SmokeRequest

    def report(self) -> SmokeReport:
        """Return the results so far."""
        facts, request = dict(self.facts), self.request
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
            # Known without the run, and so also for one that fails.
            predicted_peak_bytes=predicted_peak(self.graph, request, device),
            without_gradient=None if without is None else tuple(without),
            **self.failed(),
            **facts,
        )
