"""A run seen from outside: its process started, listened to, and ended whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import IO, Any

from archspec.diagnostics import Span
from archspec.ir.graph import Graph
from archspec.runtime.request import RunRequest
from archspec.runtime.worker.server import HEADER

ProgressCallback = Callable[[str, str], None]  # the stage, and the layer that was entered last
ShouldStop = Callable[[], bool]  # asked several times a second: whether the run is to end
POLL = 0.2  # seconds between two looks at whether the process still lives
LAST_WORDS = 4_000  # bytes of what a process printed before it died


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `report` has what was found out until then."""

    def __init__(self, report: Any) -> None:
        super().__init__()
        self.report = report


def supervise(heard: RunCollector, stop: ShouldStop | None = None) -> None:
    """Run what is asked for in a process of its own, and let `heard` know; raises Interrupted."""
    with tempfile.TemporaryFile() as printed:
        process = _start(printed)
        try:
            _feed(process, heard.graph, heard.request)
            _follow(process, heard, monotonic() + heard.request.timeout, stop)
        except KeyboardInterrupt:
            heard.fail("interrupted", "interrupted")
            raise Interrupted(heard.report()) from None
        finally:
            _end(process)
        heard.judge(process.returncode, _last_words(printed))


class RunCollector(ABC):
    """What a worker has told so far of a run of any kind."""

    def __init__(self, graph: Graph, request: RunRequest, on_progress: ProgressCallback | None) -> None:
        self.graph, self.request, self.on_progress = graph, request, on_progress
        self.facts: dict[str, Any] = {}
        self.stage, self.layer, self.direction = "starting", "", ""
        self.failure: dict[str, str] = {}
        self.done = False

    def take(self, message: dict[str, Any]) -> None:
        """One message of the worker's."""
        self.facts.update(message.get("facts", {}))
        if "stage" in message:
            self.stage, self.layer, self.direction = message["stage"], "", ""
        if "layer" in message:
            self.layer, self.direction = message["layer"], message["direction"]
        self.done = self.done or "done" in message
        if "failed" in message:
            self.layer = message["failed"]["layer"]
            self.fail(message["failed"]["kind"], message["failed"]["message"])
        if self.on_progress is not None:
            self.on_progress(self.stage, self.layer)

    @property
    def ended(self) -> bool:
        """Whether the worker has said its last."""
        return self.done or bool(self.failure)

    def fail(self, kind: str, message: str) -> None:
        """Remember the first failure."""
        self.failure = self.failure or {"kind": kind, "message": message}

    def judge(self, code: int | None, words: str) -> None:
        """Say what the end of the process means, if it has not said so itself."""
        if self.ended:
            return
        if code is not None and code < 0 and -code == getattr(signal, "SIGKILL", 9):
            self.fail("killed", "the process was killed; mostly by the system, for want of memory")
        elif "bad_alloc" in words:
            self.fail("out_of_memory", "out of memory: the process was aborted")
        elif code is not None and code < 0:
            self.fail("crash", f"the process crashed: {signal.strsignal(-code) or f'signal {-code}'} (signal {-code})")
        else:
            last = f": {words.splitlines()[-1]}" if words else ""
            self.fail("crash", f"the process ended with exit code {code}{last}")

    def failed(self) -> dict[str, Any]:
        """What a report says of a failure; nothing where there was none."""
        if not self.failure:
            return {}
        message = self.failure["message"]
        return {
            "error": f"{message} (in the backward pass)" if self.direction == "backward" and self.layer else message,
            "error_kind": self.failure["kind"],
            "stage": self.stage,
            "layer": self.layer or None,
            "span": span_of(self.graph, self.layer),
        }

    @abstractmethod
    def report(self) -> Any:
        """All of it."""


def span_of(graph: Graph, path: str) -> Span | None:
    """Where the layer of a path was written; that of the nearest block around it where it has no place of its own."""
    spans = {placed.path: placed.step.origin.span for placed in graph.walk()} if path else {}
    while path and path not in spans:
        path = path.rpartition(".")[0]
    return spans.get(path)


def _start(printed: IO[bytes]) -> subprocess.Popen[bytes]:
    """The worker in a process group of its own, so that all that it starts can be ended with it."""
    paths = [str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "archspec.runtime.worker.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=printed,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,
    )


def _feed(process: subprocess.Popen[bytes], graph: Graph, request: RunRequest) -> None:
    """Hand the work over, from a thread: a process that does not read must not stop this one. The pipe stays open."""
    work = pickle.dumps((graph, request))

    def write() -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            process.stdin.write(len(work).to_bytes(HEADER, "big") + work)
            process.stdin.flush()

    threading.Thread(target=write, daemon=True).start()


def _follow(process: subprocess.Popen[bytes], heard: RunCollector, deadline: float, stop: ShouldStop | None) -> None:
    """ProgressCallback until the worker has ended, its time is up or it is to stop."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in process.stdout:
                lines.put(line)
        lines.put(b"")

    threading.Thread(target=read, daemon=True).start()
    while not heard.ended:
        if stop is not None and stop():
            heard.fail("cancelled", "cancelled before it was done")
            return
        left = deadline - monotonic()
        if left <= 0:
            heard.fail("timeout", f"not done after {heard.request.timeout:g} s, so it was ended")
            return
        try:
            line = lines.get(timeout=min(POLL, left))
        except queue.Empty:
            if process.poll() is not None:
                return
            continue
        if not line:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            return
        if line.endswith(b"\n"):  # else it was cut off by the end
            heard.take(json.loads(line))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it has started, and wait for it."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _last_words(printed: IO[bytes]) -> str:
    """What the process printed last."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - LAST_WORDS))
    return printed.read().decode("utf-8", "replace").strip()
