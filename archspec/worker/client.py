"""The client's end of a worker: start it, give it tasks, end it."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from archspec.errors import WorkerEndedError
from archspec.worker.protocol import read_frame, write_frame

ShouldStop = Callable[[], bool]  # polled several times a second: whether the task is to be cancelled
POLL = 0.2  # seconds between two looks at `stop` and at whether the process still lives
DRAIN = 5.0  # seconds in which the rest of what a dead process wrote must come in
LAST_WORDS = 4_000  # bytes of what a process printed before it died
SERVER = "archspec.worker.server"


def call(
    target: str,
    *arguments: Any,
    timeout: float = inf,
    stop: ShouldStop | None = None,
    on_progress: Callable[..., None] | None = None,
) -> Any:
    """Call `module:function` in a separate process, and return what it returns; see Worker.run."""
    with Worker(target) as worker:
        return worker.run(target, *arguments, timeout=timeout, stop=stop, on_progress=on_progress)


class Worker:
    """A process that performs one task at a time.

    It ends when it is closed, when it gives no answer, and with this process, however that ends.

    label: an argument of the process, which says in a list of processes what it is for.
    """

    def __init__(self, label: str = "") -> None:
        self._label = label
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._process = self._start()
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def run(
        self,
        target: str,
        *arguments: Any,
        timeout: float = inf,
        stop: ShouldStop | None = None,
        on_progress: Callable[..., None] | None = None,
    ) -> Any:
        """Call `module:function` with the arguments in the worker, and return what it returns.

        timeout: seconds after which the worker is ended.
        stop: polled several times a second; the worker is ended once it returns True.
        on_progress: called with what the function reports; the function gets a callable for that as its last argument.

        Raises the function's own exception, and WorkerEndedError where there is neither result nor exception.
        """
        self._forget_printed()
        task = pickle.dumps((target, arguments, on_progress is not None))
        threading.Thread(target=self._write, args=(task,), daemon=True).start()
        try:
            kind, value = self._wait(timeout, stop, on_progress)
        except BaseException:
            # The worker may still be at it, and its late answer would be taken for that of the next task.
            self.close()
            raise
        if kind == "failure":
            raise value
        return value

    @property
    def is_alive(self) -> bool:
        """Whether it can take another task."""
        return self._process.poll() is None

    def close(self) -> None:
        """Kill the process and all that it has started, and wait for it; nothing where that is done."""
        if self._printed.closed:
            return
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._printed):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the worker in a process group of its own, so that all that it starts can be ended with it."""
        paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        return subprocess.Popen(
            [sys.executable, "-P", "-m", SERVER, self._label],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            bufsize=0,  # a buffered stream cannot be closed while a thread waits in it
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
        )

    def _write(self, task: bytes) -> None:
        """Send a task; in a thread, because a process that does not read must not stop this one."""
        with contextlib.suppress(OSError, ValueError):
            write_frame(self._process.stdin, task)  # type: ignore[arg-type]  # typed as IO, and a BinaryIO

    def _read(self) -> None:
        """Queue the worker's frames, then None."""
        with contextlib.suppress(EOFError, OSError, ValueError):
            while True:
                self._frames.put(read_frame(self._process.stdout))  # type: ignore[arg-type]
        self._frames.put(None)

    def _wait(
        self, timeout: float, stop: ShouldStop | None, on_progress: Callable[..., None] | None
    ) -> tuple[str, Any]:
        """Return the kind and value of the answer; raises WorkerEndedError.

        The exit code is looked at only when all frames have come in: a process that is done may be gone before its
        result is read. The stream of a dead process stays open as long as another one that it has started lives, so
        these are killed first.
        """
        deadline, patience = monotonic() + timeout, POLL
        while True:
            if stop is not None and stop():
                raise WorkerEndedError("cancelled", "cancelled before it was done")
            left = deadline - monotonic()
            if left <= 0:
                raise WorkerEndedError("timeout", f"not done after {timeout:g} s, so it was ended")
            try:
                frame = self._frames.get(timeout=min(patience, left))
            except queue.Empty:
                if patience == DRAIN:
                    raise self._ended() from None
                if self._process.poll() is not None:
                    self._kill()
                    patience = DRAIN
                continue
            if frame is None:
                raise self._ended()
            kind, value = pickle.loads(frame)
            if kind != "progress":
                return kind, value
            if on_progress is not None:
                on_progress(*value)

    def _ended(self) -> WorkerEndedError:
        """Explain the end of a process that gave no answer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(DRAIN)
        code, words = self._process.poll(), self._last_words()
        last = words.splitlines()[-1] if words else ""
        if code is not None and code < 0 and -code == getattr(signal, "SIGKILL", 9):
            kind, message = "killed", "the process was killed; mostly by the system, for want of memory"
        elif "bad_alloc" in words:
            kind, message = "out_of_memory", "out of memory: the process was aborted"
        elif code is not None and code < 0:
            name = signal.strsignal(-code) or f"signal {-code}"
            kind, message = "crash", f"the process crashed: {name} (signal {-code})"
        else:
            kind, message = "crash", f"the process ended with exit code {code}" + (f": {last}" if last else "")
        return WorkerEndedError(kind, message, code, last)

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _forget_printed(self) -> None:
        """Empty the file of what the process prints, whose position both processes share."""
        self._printed.seek(0)
        self._printed.truncate()

    def _last_words(self) -> str:
        size = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, size - LAST_WORDS))
        return self._printed.read().decode("utf-8", "replace").strip()
