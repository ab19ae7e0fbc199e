"""The one runner of a server: does what sessions ask for, one job after another, each session in its turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

import archspec
from explorer.work.fair_queue import Turns
from explorer.work.job import Control, Job, Work

MOST_EACH, MOST = 3, 24  # jobs that wait: of one session, and of all
GRACE = 20.0  # seconds for which a session may be away: a page that is loaded again comes back within them
EXPECTED = (ValueError, RuntimeError, ImportError, archspec.SpecError)  # their messages are for people


class Runner:
    """Runs jobs in a thread, which lives as long as there are any. `is_there` says whether a session still is."""

    def __init__(self, is_there: Callable[[str], bool] = lambda _: True, grace: float = GRACE) -> None:
        self._is_there, self._grace = is_there, grace
        self._lock = threading.Lock()
        self._turns: Turns[Job] = Turns(MOST_EACH, MOST)
        self._works: dict[Job, Work] = {}
        self._running: Job | None = None
        self._thread: threading.Thread | None = None
        self._away: dict[str, float] = {}

    def submit(self, job: Job, work: Work) -> Job:
        """Queue a job; raises Full."""
        with self._lock:
            self._forget_the_gone()
            self._turns.add(job.session, job)
            self._works[job] = work
            if self._thread is None:
                self._thread = threading.Thread(target=self._work_off, name="archspec-jobs", daemon=True)
                self._thread.start()
        return job

    def _forget_the_gone(self) -> None:
        for waiting in list(self._turns):
            if self._is_gone(waiting.session):
                self._leave_out(waiting)

    def _leave_out(self, job: Job) -> None:
        """End a job that waits; nothing happens to any other."""
        if self._turns.remove(job.session, job):
            del self._works[job]
            job.end("cancelled")

    def ahead(self, job: Job) -> int:
        """How many jobs will be done before this one, the running one with them."""
        with self._lock:
            waiting = list(self._turns)
            return waiting.index(job) + (self._running is not None) if job in waiting else 0

    def cancel(self, job: Job) -> None:
        """End a job: at once if it waits, within a moment if it runs."""
        job.cancel()
        with self._lock:
            self._leave_out(job)

    def _work_off(self) -> None:
        """Do everything that waits, then let the thread end."""
        while True:
            with self._lock:
                job = self._running = self._turns.take()
                if job is None:
                    self._thread = None
                    self._away.clear()
                    return
                work = self._works.pop(job)
            self._do(job, work)

    def _do(self, job: Job, work: Work) -> None:
        """Run one job to its end, whatever that is."""
        if self._is_gone(job.session):
            job.end("cancelled")
            return
        job.began, job.state = monotonic(), "running"
        control = Control(job.tell, lambda: job.is_cancelled or job.is_late or self._is_gone(job.session))
        try:
            result = work(control)
        except EXPECTED as error:
            self._end(job, error=str(error))
        except Exception as error:  # a job that fails must not end the thread for all that wait
            self._end(job, error=f"it failed unexpectedly: {type(error).__name__}: {error}")
        else:
            self._end(job, result)

    def _end(self, job: Job, result: object = None, error: str = "") -> None:
        if job.is_cancelled or self._is_gone(job.session):
            job.end("cancelled", result)
        elif job.is_late:
            job.end("late", result, f"not done after {job.limit:g} s, so it was ended")
        else:
            job.end("failed" if error else "done", result, error)

    def _is_gone(self, session: str) -> bool:
        """Whether the session has been away for longer than a page needs to be loaded again."""
        if self._is_there(session):
            self._away.pop(session, None)
            return False
        now = monotonic()
        return now - self._away.setdefault(session, now) >= self._grace
