"""A smoke run in a separate process."""

from __future__ import annotations

from typing import Any

from archspec.diagnostics import Span
from archspec.ir.graph import Graph
from archspec.ir.owners import owners_of
from archspec.runtime.collector import ProgressCallback, RunCollector
from archspec.runtime.smoke.predicting import predicted_peak
from archspec.runtime.smoke.report import NO_GRADIENT, SmokeReport
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
        spans, without_gradient = self._without_gradient(without or [])
        return SmokeReport(
            name=self.graph.name,
            variant=self.graph.variant,
            ok=self.done and not self.failure and not without,
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
            without_gradient_spans=spans,
            **(self.failed() or without_gradient),
            **facts,
        )

    def _without_gradient(self, names: list[str]) -> tuple[tuple[Span | None, ...], dict[str, Any]]:
        """Return the places of parameters without a gradient, and the fields of a report that says so."""
        if not names:
            return (), {}
        owners = owners_of(self.graph)
        spans = tuple(owners[name].span if name in owners else None for name in names)
        what = f"{len(names):,} parameters get" if len(names) > 1 else f"{names[0]} gets"
        return spans, {
            "error": f"{what} no gradient, and so will not learn",
            "error_kind": NO_GRADIENT,
            "stage": "training step",
            "layer": names[0].rpartition(".")[0] or None,
            "span": spans[0],
        }
