"""Jobs for tests, and waiting for them: never longer than anything may take on a slow machine."""

from __future__ import annotations

import time
from collections.abc import Callable

from explorer.work.job import Job

PATIENCE = 60.0


def job(session: str = "anna", limit: float = 100.0) -> Job:
    return Job(session, "test", "net", {}, limit)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.005)


def over(*jobs: Job) -> None:
    until(lambda: not any(one.is_active for one in jobs))
