"""The search for the largest batch that fits: from the predicted one outwards in doubling steps, then by bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from archspec.ir.graph import Graph
from archspec.runtime.collector import Interrupted, ProgressCallback
from archspec.runtime.request import MOST_BATCH
from archspec.runtime.smoke.predicting import predicted_batch
from archspec.runtime.smoke.report import OUT_OF_MEMORY, SmokeReport, Try
from archspec.runtime.smoke.request import SmokeRequest
from archspec.runtime.smoke.smoke_run import run

FIRST = 2  # a batch norm after a global pooling does not train on one sample
CLOSE = 16  # the search ends when the batch is known to 1/16
NEAR = 8  # the first step away from the prediction is 1/8 of it
SmokeFunction = Callable[[Graph, SmokeRequest, ProgressCallback | None], SmokeReport]


def largest(
    graph: Graph, request: SmokeRequest, on_progress: ProgressCallback | None = None, smoke_once: SmokeFunction = run
) -> SmokeReport:
    """Return the full report of the largest batch that fits, with all `tries`; the failing one's if none does.

    A full run may need more than its try, of one step: it then steps down, and the report is of the batch that ran.

    Raises ValueError on a CPU without a memory limit.
    """
    _refuse_unlimited(request, request.device)
    search = _Search(graph, request, on_progress, smoke_once)
    try:
        return search.report()
    except Interrupted as stopped:
        raise Interrupted(search.with_search(stopped.report)) from None


@dataclass(slots=True)
class _Search:
    graph: Graph
    request: SmokeRequest
    on_progress: ProgressCallback | None
    smoke_once: SmokeFunction
    tries: list[Try] = field(default_factory=list)
    last: SmokeReport | None = None
    failed: SmokeReport | None = None  # for another reason than memory: no larger batch is tried
    predicted: int | None = None

    def report(self) -> SmokeReport:
        fitting = self._largest_fitting()
        if not fitting or self.failed is not None:
            assert self.failed is not None
            return self.with_search(self.failed)
        return self.with_search(self._full_run(fitting))

    def _full_run(self, batch: int) -> SmokeReport:
        """Return the full run of a batch; where memory lacks, of the next smaller one whose try fitted, or of half."""
        while True:
            found = self.smoke_once(self.graph, replace(self.request, batch=batch), self.on_progress)
            lacks_memory = not found.ok and self._for_memory(found)
            if lacks_memory or batch not in {tried.batch for tried in self.tries}:
                # The last word about a batch is that of its full run.
                self.tries = [tried for tried in self.tries if tried.batch != batch]
                self._add_try(found)
            if not lacks_memory or batch == 1:
                return found
            batch = max((tried.batch for tried in self.tries if tried.ok and tried.batch < batch), default=batch // 2)

    def with_search(self, report: SmokeReport) -> SmokeReport:
        """Return the report with the fields of the search so far."""
        return replace(report, tries=tuple(self.tries), predicted_batch=self.predicted)

    def _largest_fitting(self) -> int:
        """Return the largest batch, searched from the predicted one, or 0.

        What "auto" resolves to, and the free memory of a GPU, are known only to a run: a small batch is tried first.
        """
        if self.request.device == "cpu":
            self._predict("cpu", None)
        elif self._fits(FIRST):
            assert self.last is not None
            self._predict(self.last.device, self.last.device_bytes)
        if self.failed is not None:
            return 0
        if self.predicted is None or self.predicted <= FIRST:
            return self._search_from(FIRST, FIRST)
        return self._search_from(self.predicted, self.predicted // NEAR)

    def _predict(self, device: str, free: int | None) -> None:
        room = min((size for size in (free, self.request.memory_limit) if size is not None), default=None)
        self.predicted = predicted_batch(self.graph, self.request, device, room)

    def _search_from(self, start: int, step: int) -> int:
        """Return a batch that fits while one larger by 1/16 does not; 0 if none fits.

        `low` fits and `high` does not, or is not known yet. First the steps double until both are known, upwards if the
        start fits, else downwards; then the interval is halved. A search from a good prediction takes few runs.
        """
        low, high, step = 0, start, max(1, step)
        while self._fits(high):
            low, high, step = high, high + step, 2 * step
            if high > MOST_BATCH:
                return low
        while not low and high > 1 and self.failed is None:
            below = high - min(step, high - high // 2)
            low, high, step = (below, high, step) if self._fits(below) else (0, below, 2 * step)
        while low and self.failed is None and high - low > max(1, low // CLOSE):
            middle = (low + high) // 2
            low, high = (middle, high) if self._fits(middle) else (low, middle)
        return low

    def _fits(self, batch: int) -> bool:
        known = {tried.batch: tried.ok for tried in self.tries}
        if batch in known and self.failed is None:
            return known[batch]
        # One timed step is enough: those before it, not timed, have made the optimizer's state.
        request = replace(self.request, batch=batch, steps=1, again=False)
        self.last = found = self.smoke_once(self.graph, request, self.on_progress)
        _refuse_unlimited(self.request, found.device)  # what "auto" resolved to
        fits = found.completed
        self._add_try(found)
        if not fits and (batch == 1 or not self._for_memory(found)):
            self.failed = found
        return fits

    def _add_try(self, found: SmokeReport) -> None:
        kind = None if found.completed else found.error_kind
        self.tries.append(Try(found.batch, found.completed, found.peak_bytes, kind))

    def _for_memory(self, found: SmokeReport) -> bool:
        """Return whether a run failed for lack of memory; near a limit some kernels crash instead of raising."""
        near = self.request.memory_limit is not None and any(t.ok and t.batch < found.batch for t in self.tries)
        return found.error_kind in OUT_OF_MEMORY or (found.error_kind == "crash" and near)


def _refuse_unlimited(request: SmokeRequest, device: str) -> None:
    """Raise ValueError for a CPU without a limit: a computer stops answering long before an allocation fails."""
    if device == "cpu" and request.memory_limit is None:
        raise ValueError("the largest batch on a CPU needs a memory limit, such as 4GB")
