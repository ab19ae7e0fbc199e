"""Draw many pictures with warm Graphviz processes, within a time limit each, and cache them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from types import TracebackType

from archspec.diagnostics import Diagnostic
from archspec.ir.graph import Graph
from archspec.views.draw import draw
from archspec.views.layout import RENDER, render_in
from archspec.worker.client import Worker

AT_ONCE = 2  # processes
CACHED = 64  # pictures


class Painter:
    """Draws as `draw` does, for many callers at once, without starting a process for each picture.

    A process that is not done within `time_limit` seconds is ended, and PictureError raised. Close it after use, or
    use it in a `with`.
    """

    def __init__(self, time_limit: float = 20.0) -> None:
        self.time_limit = time_limit
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def draw(
        self,
        graph: Graph,
        level: str = "block",
        format: str = "svg",
        *,
        open: Iterable[str] = (),
        color: str = "",
        direction: str = "down",
        diagnostics: Iterable[Diagnostic] = (),
    ) -> bytes:
        """Return a picture as svg, png or pdf; the same picture is laid out once."""
        source = draw(graph, level, "dot", open=open, color=color, direction=direction, diagnostics=diagnostics)
        assert isinstance(source, str)
        return self.render(source, format)

    def render(self, source: str, format: str = "svg") -> bytes:
        """Return the picture of a text in DOT."""
        key = source, format
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        # The lock is not held while Graphviz works; two callers may lay out one picture, which is harmless.
        with self._free:
            drawn = self._lay_out(source, format)
        with self._lock:
            self._cache[key] = drawn
            while len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return drawn

    def _lay_out(self, source: str, format: str) -> bytes:
        with self._lock:
            worker = self._idle.pop() if self._idle else Worker(RENDER)
        if not worker.is_alive:
            worker.close()
            worker = Worker(RENDER)
        try:
            return render_in(worker, source, format, self.time_limit)
        finally:
            if worker.is_alive:
                with self._lock:
                    self._idle.append(worker)
            else:
                worker.close()

    def close(self) -> None:
        """End the idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def __enter__(self) -> Painter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
