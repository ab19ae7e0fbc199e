"""Long work in processes of its own: one run at a time, the others wait; each can be cancelled and has a time limit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import streamlit as st

import archspec

State = Literal["waiting", "running", "done", "failed", "cancelled"]
LANES = {"smoke": "run", "gradient_flow": "run", "python": "write"}
WORKER = Path(__file__).with_name("job_worker.py")
GRACE = 15.0  # seconds for starting and ending, beside what the work itself is given


@dataclass
class Job:
    """One piece of work, as the session that asked for it sees it."""

    kind: str
    title: str
    asked: Mapping[str, Any]
    limit: float
    state: State = "waiting"
    stage: str = "waiting for another run to end"
    layer: str = ""
    result: dict[str, Any] | None = None
    error: str = ""
    began: float | None = None
    ended: float | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began

    def cancel(self) -> None:
        """End it, wherever it is."""
        self._stop.set()
        if self._process is not None:
            _kill(self._process)

    def finish(self, state: State, error: str = "") -> None:
        self.error, self.ended = error, time.monotonic()
        self.state = state

    def take(self, message: Mapping[str, Any]) -> None:
        """One message of the worker's."""
        if "stage" in message:
            self.stage, self.layer = str(message["stage"]), str(message["layer"])
        if "result" in message:
            self.result = message["result"]
        if "error" in message:
            self.error = str(message["error"])


class Jobs:
    """The lanes in which work stands in line."""

    def __init__(self) -> None:
        self._lanes = {name: threading.Semaphore(1) for name in set(LANES.values())}

    def start(self, kind: str, title: str, asked: Mapping[str, Any], limit: float) -> Job:
        """Put a piece of work in line; it starts as soon as nothing is before it."""
        job = Job(kind, title, {**asked, "kind": kind}, limit)
        threading.Thread(target=self._run, args=(job,), daemon=True, name=f"job {kind}").start()
        return job

    def _run(self, job: Job) -> None:
        lane = self._lanes[LANES[job.kind]]
        while not lane.acquire(timeout=0.2):
            if job._stop.is_set():
                job.finish("cancelled")
                return
        try:
            _work(job)
        except OSError as error:
            job.finish("failed", f"the process could not be started: {error.strerror}")
        finally:
            lane.release()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """One for all sessions: it knows who is next, and no session sees another's work."""
    return Jobs()


def _work(job: Job) -> None:
    """Start the process, listen to it, and end it whatever happens."""
    if job._stop.is_set():
        job.finish("cancelled")
        return
    job.state, job.stage, job.began = "running", "starting", time.monotonic()
    process = job._process = _started()
    late = threading.Event()

    def stop() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(job.limit + GRACE, stop)
    timer.start()
    try:
        _listen(job, process)
    finally:
        timer.cancel()
        _kill(process)
        process.wait()
    if job._stop.is_set():
        job.finish("cancelled")
    elif job.result is not None:
        job.finish("done")
    elif late.is_set():
        job.finish("failed", f"not done after {job.limit:g} s, so it was ended")
    else:
        job.finish("failed", job.error or f"the process ended with {process.returncode} and said nothing")


def _started() -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(Path(archspec.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-P", str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


def _listen(job: Job, process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        process.stdin.write(json.dumps(job.asked).encode() + b"\n")
        process.stdin.flush()  # it stays open: the worker ends when it closes
        for line in process.stdout:
            job.take(json.loads(line))
            if job.result is not None or job.error:
                return


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started; what those have started sees its input close."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
