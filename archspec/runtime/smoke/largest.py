"""The largest batch that fits: from what is predicted, or from 2, by doubling, halving and trying between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from archspec.ir.graph import Graph
from archspec.runtime.smoke.report import OUT_OF_MEMORY, SmokeReport, Try
from archspec.runtime.smoke.request import MOST_BATCH, Request
from archspec.runtime.smoke.supervising import Interrupted, Listen, run

FIRST = 2  # a batch norm behind a global pooling does not train on one sample
CLOSE = 16  # the search ends where the batch is known to a part of so many
Runner = Callable[[Graph, Request, Listen | None], SmokeReport]


def largest(
    graph: Graph, request: Request, listen: Listen | None = None, start: int | None = None, runner: Runner = run
) -> SmokeReport:
    """The full report of the largest batch that fits, with all `tries`; the failing one's if none does.

    start: where to begin, as predicted. Raises ValueError on a CPU without a memory limit.
    """
    _refuse_unlimited(request, request.device)
    search = _Search(graph, request, listen, runner)
    try:
        return search.report(start or FIRST)
    except Interrupted as stopped:
        raise Interrupted(replace(stopped.report, tries=tuple(search.tries))) from None


@dataclass(slots=True)
class _Search:
    graph: Graph
    request: Request
    listen: Listen | None
    runner: Runner
    tries: list[Try] = field(default_factory=list)
    failed: SmokeReport | None = None  # for another reason than memory: no larger batch is tried

    def report(self, start: int) -> SmokeReport:
        fitting = self._fitting(start)
        if not fitting or self.failed is not None:
            assert self.failed is not None
            return replace(self.failed, tries=tuple(self.tries))
        found = self.runner(self.graph, replace(self.request, batch=fitting), self.listen)
        return replace(found, tries=tuple(self.tries))

    def _fitting(self, start: int) -> int:
        """A batch that fits while one that is larger by a sixteenth does not; 0 if none does."""
        low, high = 0, start
        while self._fits(high):
            low, high = high, high * 2
            if high > MOST_BATCH:
                return low
        while not low and high > 1 and self.failed is None:
            half = high // 2
            low, high = (half, high) if self._fits(half) else (0, half)
        while low and self.failed is None and high - low > max(1, low // CLOSE):
            middle = (low + high) // 2
            low, high = (middle, high) if self._fits(middle) else (low, middle)
        return low

    def _fits(self, batch: int) -> bool:
        asked = replace(self.request, batch=batch, steps=1, again=False)
        found = self.runner(self.graph, asked, self.listen)
        _refuse_unlimited(self.request, found.device)  # what "auto" turned out to be
        self.tries.append(Try(batch, found.ok, found.peak_bytes, found.error_kind))
        if not found.ok and (found.error_kind not in OUT_OF_MEMORY or batch == 1):
            self.failed = found
        return found.ok


def _refuse_unlimited(request: Request, device: str) -> None:
    """A computer whose memory a run fills up stops answering, long before an allocation fails."""
    if device == "cpu" and request.memory_limit is None:
        raise ValueError("the largest batch on a CPU needs a memory limit, such as 4GB")
