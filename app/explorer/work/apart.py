"""Work that the library does in the process that asks for it, done in another one, which can be ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import archspec
from explorer.work.job import Control, Work
from explorer.work.worker import receive, send

WORKER = Path(__file__).with_name("worker.py")
POLL = 0.2  # seconds between two looks at whether it is to stop


def apart(kind: str, graph: archspec.Graph, options: dict[str, Any]) -> Work:
    """The work of that kind (gradient_flow, python) on a Graph; raises RuntimeError where it fails."""

    def work(control: Control) -> Any:
        process = _start()
        try:
            threading.Thread(target=_feed, args=(process, (kind, graph, options)), daemon=True).start()
            return _follow(process, control)
        finally:
            _end(process)

    return work


def _start() -> subprocess.Popen[bytes]:
    """The worker in a process group of its own, so that all that it starts can be ended with it."""
    package = str(Path(archspec.__file__).parents[1])
    path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-P", str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


def _feed(process: subprocess.Popen[bytes], message: object) -> None:
    """Hand the work over, from a thread: a process that does not read must not stop this one. The pipe stays open."""
    assert process.stdin is not None
    with contextlib.suppress(OSError, ValueError):
        send(process.stdin, message)  # type: ignore[arg-type]  # typed as IO, and a BinaryIO
        process.stdin.flush()


def _follow(process: subprocess.Popen[bytes], control: Control) -> Any:
    """ProgressCallback until there is a result, an error or an end; None where it is to stop."""
    messages: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def read() -> None:
        with contextlib.suppress(OSError, ValueError, EOFError):
            while True:
                messages.put(receive(process.stdout))  # type: ignore[arg-type]  # typed as IO, and a BinaryIO
        messages.put(("end", None))

    threading.Thread(target=read, daemon=True).start()
    while not control.stop():
        try:
            what, value = messages.get(timeout=POLL)
        except queue.Empty:
            continue
        if what == "result":
            return value
        if what == "error":
            raise RuntimeError(value)
        if what == "end":
            raise RuntimeError(_ending(process.wait()))
        control.tell(*value)
    return None


def _ending(code: int) -> str:
    """What the end of a process means that has not said so itself."""
    if code == -getattr(signal, "SIGKILL", 9):
        return "the process was killed; mostly by the system, for want of memory"
    if code < 0:
        return f"the process crashed: {signal.strsignal(-code) or f'signal {-code}'}"
    return f"the process ended with exit code {code}"


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
            with contextlib.suppress(OSError, ValueError):
                stream.close()
