"""A learning check in a separate process; refused before that where the data does not fit the design."""

from __future__ import annotations

from typing import Any

from archspec.ir.graph import Graph
from archspec.runtime.collector import ProgressCallback, RunCollector
from archspec.runtime.learn.report import Evaluation, LearnReport
from archspec.runtime.learn.request import LearnRequest
from archspec.runtime.learn.task_match import refuse_unfit
from archspec.worker.client import ShouldStop


def run(
    graph: Graph, request: LearnRequest, on_progress: ProgressCallback | None = None, stop: ShouldStop | None = None
) -> LearnReport:
    """Return the report of one check; raises DataMismatchError, Interrupted. No process is left behind."""
    refuse_unfit(graph, request.data)
    collector = LearnCollector(graph, request, on_progress)
    collector.collect_from_worker(stop)
    return collector.report()


class LearnCollector(RunCollector):
    """Collects the messages of a learning check, which have losses and evaluations too, into a LearnReport."""

    request: LearnRequest

    def __init__(self, graph: Graph, request: LearnRequest, on_progress: ProgressCallback | None = None) -> None:
        super().__init__(graph, request, on_progress)
        self.losses: list[float] = []
        self.evaluations: list[Evaluation] = []

    def take(self, message: dict[str, Any]) -> None:
        """Add one message."""
        self.losses.extend(message.get("losses", ()))
        if "evaluation" in message:
            self.evaluations.append(Evaluation(*message["evaluation"]))
        super().take(message)

    def report(self) -> LearnReport:
        """Return the results so far."""
        facts, request = dict(self.facts), self.request
        return LearnReport(
            name=self.graph.name,
            variant=self.graph.variant,
            data=request.data,
            ok=self.done and not self.failure,
            device=facts.pop("device", request.device),
            device_name=facts.pop("device_name", None),
            batch=request.batch,
            steps=request.steps_taken,
            optimizer=request.optimizer,
            learning_rate=request.rate,
            seed=request.seed,
            losses=tuple(self.losses),
            evaluations=tuple(self.evaluations),
            **self.failed(),
            **facts,
        )
