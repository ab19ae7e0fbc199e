"""Pictures from Graphviz kept warm in processes of their own: drawn in time or not at all, and remembered."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterable
from types import TracebackType

from archspec.diagnostics import Diagnostic
from archspec.errors import PictureError
from archspec.ir.graph import Graph
from archspec.views.draw import draw
from archspec.views.worker import REFUSED, SERVE, header, read_header

AT_ONCE = 2  # processes
KEPT = 64  # pictures


class Painter:
    """Draws as `draw` does, for many callers at once, without starting a process for each picture.

    A process that is not done within `time_limit` seconds is ended, and PictureError raised. Close it after use, or
    use it in a `with`.
    """

    def __init__(self, time_limit: float = 20.0) -> None:
        self.time_limit = time_limit
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()

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
        """A picture as svg, png or pdf; the same picture is laid out once."""
        source = draw(graph, level, "dot", open=open, color=color, direction=direction, diagnostics=diagnostics)
        assert isinstance(source, str)
        return self.render(source, format)

    def render(self, source: str, format: str = "svg") -> bytes:
        """The picture of a text in DOT."""
        key = source, format
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._free:
            drawn = self._drawn(source, format)
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return drawn

    def _drawn(self, source: str, format: str) -> bytes:
        with self._lock:
            process = self._idle.pop() if self._idle else None
        process = process if process is not None and process.poll() is None else _start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self.time_limit, stop)
        timer.start()
        try:
            status, drawn = _asked(process, source, format)
        except (OSError, EOFError):
            _end(process)
            if late.is_set():
                raise PictureError(
                    f"the layout took longer than {self.time_limit:g} s; draw a higher level (block, stage)"
                ) from None
            raise PictureError("Graphviz ended without a picture") from None
        except BaseException:  # the caller was stopped meanwhile: the answer would be taken for the next one's
            _end(process)
            raise
        finally:
            timer.cancel()
        with self._lock:
            self._idle.append(process)
        if status == REFUSED:
            raise PictureError(drawn.decode("utf-8", "replace").strip())
        return drawn

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            _end(process)

    def __enter__(self) -> Painter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _start() -> subprocess.Popen[bytes]:
    """A process that draws what it is given until its input ends, so that it never outlives this one."""
    return subprocess.Popen(
        [sys.executable, "-m", "archspec.views.worker", SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def _asked(process: subprocess.Popen[bytes], source: str, form: str) -> tuple[int, bytes]:
    """The answer of a process: its status and the picture or the reason; raises OSError or EOFError."""
    assert process.stdin is not None
    assert process.stdout is not None
    data = source.encode("utf-8")
    process.stdin.write(header(form, len(data)) + data)
    process.stdin.flush()
    word, length = read_header(process.stdout)
    drawn = process.stdout.read(length)
    if len(drawn) < length:
        raise EOFError
    return int(word), drawn


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue
