"""The client's view of a run: its messages collected into a report, however its process ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from archspec.diagnostics import Span
from archspec.errors import TaskError, WorkerEndedError
from archspec.ir.graph import Graph
from archspec.runtime.request import RunRequest
from archspec.worker.client import ShouldStop, call

ProgressCallback = Callable[[str, str], None]  # the stage, and the layer that was entered last
PERFORM = "archspec.runtime.perform:perform"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `report` has the results until then."""

    def __init__(self, report: Any) -> None:
        super().__init__()
        self.report = report


class RunCollector(ABC):
    """Collects the messages of one run, of any kind, into a report.

    A message is a dict: `stage` (what is being done), `layer` and `direction` (the layer entered last, forward or
    backward), and `facts` (fields of the report).
    """

    def __init__(self, graph: Graph, request: RunRequest, on_progress: ProgressCallback | None = None) -> None:
        self.graph, self.request, self.on_progress = graph, request, on_progress
        self.facts: dict[str, Any] = {}
        self.stage, self.layer, self.direction = "starting", "", ""
        self.failure: TaskError | None = None
        self.done = False

    def take(self, message: dict[str, Any]) -> None:
        """Add one message."""
        self.facts.update(message.get("facts", {}))
        if "stage" in message:
            self.stage, self.layer, self.direction = message["stage"], "", ""
        if "layer" in message:
            self.layer, self.direction = message["layer"], message["direction"]
        if self.on_progress is not None:
            self.on_progress(self.stage, self.layer)

    def collect(self, run: Callable[[Callable[[dict[str, Any]], None]], object]) -> None:
        """Call `run` with `take`, and remember how it ended."""
        try:
            run(self.take)
            self.done = True
        except WorkerEndedError as ended:  # the layer entered last is where it was
            self.failure = ended
        except TaskError as failure:
            self.layer, self.failure = failure.layer, failure

    def collect_from_worker(self, stop: ShouldStop | None) -> None:
        """Perform the request in a separate process; raises Interrupted. No process is left behind."""

        def run(take: Callable[[dict[str, Any]], None]) -> None:
            call(PERFORM, self.graph, self.request, timeout=self.request.timeout, stop=stop, on_progress=take)

        try:
            self.collect(run)
        except KeyboardInterrupt:
            # What was found out travels with the exception: the command prints it before it exits.
            self.failure = TaskError("interrupted", "interrupted")
            raise Interrupted(self.report()) from None

    def failed(self) -> dict[str, Any]:
        """Return the fields of a report about the failure and its place; none if nothing failed."""
        if self.failure is None:
            return {}
        message = self.failure.message
        return {
            "error": f"{message} (in the backward pass)" if self.direction == "backward" and self.layer else message,
            "error_kind": self.failure.kind,
            "stage": self.stage,
            "layer": self.layer or None,
            "span": span_of(self.graph, self.layer),
        }

    @abstractmethod
    def report(self) -> Any:
        """Return the results so far as a report."""


def span_of(graph: Graph, path: str) -> Span | None:
    """Return where the layer of a path was written, or the nearest enclosing block with a place in the text."""
    # Looked up when a run fails, which is rare: no run that is fine builds this table.
    spans = {placed.path: placed.step.origin.span for placed in graph.walk()} if path else {}
    while path and path not in spans:
        path = path.rpartition(".")[0]
    return spans.get(path)
