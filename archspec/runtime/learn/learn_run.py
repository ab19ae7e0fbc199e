"""A learning check from outside: refused where the data does not fit, else run in a process of its own."""

from __future__ import annotations

from typing import Any

from archspec.ir.graph import Graph
from archspec.runtime.learn.report import Evaluation, LearnReport
from archspec.runtime.learn.request import LearnRequest
from archspec.runtime.learn.task_match import refuse_unfit
from archspec.runtime.worker.client import ProgressCallback, RunCollector, ShouldStop, supervise


def run(
    graph: Graph, request: LearnRequest, on_progress: ProgressCallback | None = None, stop: ShouldStop | None = None
) -> LearnReport:
    """The report of one check; raises DataMismatchError, Interrupted. No process is left behind."""
    refuse_unfit(graph, request.data)
    heard = LearnCollector(graph, request, on_progress)
    supervise(heard, stop)
    return heard.report()


class LearnCollector(RunCollector):
    """What the worker of a learning check has told so far."""

    def __init__(self, graph: Graph, request: LearnRequest, on_progress: ProgressCallback | None = None) -> None:
        super().__init__(graph, request, on_progress)
        self.asked = request
        self.losses: list[float] = []
        self.evaluations: list[Evaluation] = []

    def take(self, message: dict[str, Any]) -> None:
        """One message of the worker's."""
        self.losses.extend(message.get("losses", ()))
        if "evaluation" in message:
            self.evaluations.append(Evaluation(*message["evaluation"]))
        super().take(message)

    def report(self) -> LearnReport:
        """All of it."""
        facts, request = dict(self.facts), self.asked
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
