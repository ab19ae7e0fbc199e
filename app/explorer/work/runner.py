"""Runs the jobs of all sessions of a server, one after another, each session in its turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

import archspec
from explorer.work.fair_queue import FairQueue
from explorer.work.job import Control, Job, JobFunction

MOST_EACH, MOST = 3, 24  # jobs that wait: of one session, and of all
GRACE = 20.0  # seconds for which a session may be disconnected: a page that is reloaded is back within them
EXPECTED = (ValueError, RuntimeError, ImportError, archspec.SpecError)  # their messages are for people


class Runner:
    """Runs jobs in a thread, which lives as long as there are any.

    is_connected: whether a session still has a browser; its jobs end `grace` seconds after it has none.
    """

    def __init__(self, is_connected: Callable[[str], bool] = lambda _: True, grace: float = GRACE) -> None:
        self._is_connected, self._grace = is_connected, grace
        self._lock = threading.Lock()
        self._queue: FairQueue[Job] = FairQueue(MOST_EACH, MOST)
        self._functions: dict[Job, JobFunction] = {}
        self._running: Job | None = None
        self._thread: threading.Thread | None = None
        self._disconnected: dict[str, float] = {}

    def submit(self, job: Job, function: JobFunction) -> Job:
        """Queue a job; raises QueueFull."""
        with self._lock:
            # What closed pages left waiting must not fill the queue for those that are open.
            self._drop_jobs_of_closed_sessions()
            self._queue.add(job.session, job)
            self._functions[job] = function
            if self._thread is None:
                self._thread = threading.Thread(target=self._run_queued, name="archspec-jobs", daemon=True)
                self._thread.start()
        return job

    def _drop_jobs_of_closed_sessions(self) -> None:
        for waiting in list(self._queue):
            if self._is_closed(waiting.session):
                self._drop(waiting)

    def _drop(self, job: Job) -> None:
        """End a job that waits; leave any other as it is."""
        if self._queue.remove(job.session, job):
            del self._functions[job]
            job.end("cancelled")

    def ahead(self, job: Job) -> int:
        """Return how many jobs come before this one, the running one included."""
        with self._lock:
            waiting = list(self._queue)
            return waiting.index(job) + (self._running is not None) if job in waiting else 0

    def cancel(self, job: Job) -> None:
        """End a job: at once if it waits, within a moment if it runs."""
        job.cancel()
        with self._lock:
            self._drop(job)

    def _run_queued(self) -> None:
        """Run everything that waits, then let the thread end."""
        while True:
            with self._lock:
                job = self._running = self._queue.take()
                if job is None:
                    self._thread = None
                    # All of this under the lock: a job that is submitted from now on starts a new thread.
                    self._disconnected.clear()
                    return
                function = self._functions.pop(job)
            self._run(job, function)

    def _run(self, job: Job, function: JobFunction) -> None:
        """Run one job to its end, and record that."""
        if self._is_closed(job.session):
            job.end("cancelled")
            return
        job.began, job.state = monotonic(), "running"
        control = Control(job.set_progress, lambda: job.is_cancelled or job.is_late or self._is_closed(job.session))
        try:
            result = function(control)
        except EXPECTED as error:
            self._end(job, error=str(error))
        except Exception as error:  # a job that fails must not end the thread for all that wait
            self._end(job, error=f"it failed unexpectedly: {type(error).__name__}: {error}")
        else:
            self._end(job, result)

    def _end(self, job: Job, result: object = None, error: str = "") -> None:
        if job.is_cancelled or self._is_closed(job.session):
            job.end("cancelled", result)
        elif job.is_late:
            job.end("late", result, f"not done after {job.limit:g} s, so it was ended")
        else:
            job.end("failed" if error else "done", result, error)

    def _is_closed(self, session: str) -> bool:
        """Return whether the session has been disconnected for longer than a reload takes."""
        if self._is_connected(session):
            self._disconnected.pop(session, None)
            return False
        now = monotonic()
        return now - self._disconnected.setdefault(session, now) >= self._grace
