"""Linting of many specs, in several processes where there are enough specs for that to pay."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence

from archspec.cli.lint_job import LintJob, LintOutcome, run_job

# A forked worker costs some milliseconds, a spawned one the half second in which it imports archspec.
ENOUGH_TO_FORK, ENOUGH_TO_SPAWN = 6, 40


def lint_all(jobs: Sequence[LintJob], workers: int = 0) -> list[LintOutcome]:
    """Return the outcomes in the order of the jobs; `workers` 0 chooses as many processes as pay."""
    piped = [job for job in jobs if job.name == "-"]  # only this process has the standard input
    read = {id(job): run_job(job) for job in piped}
    others = [job for job in jobs if job.name != "-"]
    count = min(workers or _workers_that_pay(len(others)), len(others))
    outcomes = iter(map(run_job, others) if count <= 1 else _in_processes(others, count, start_method()))
    return [read[id(job)] if id(job) in read else next(outcomes) for job in jobs]


def start_method() -> str:
    """Return how to start workers: forking is quick, and safe on Linux while there is one thread."""
    # A fork copies one thread alone: a lock that another holds would stay locked in the child. macOS's own libraries
    # start threads, which is why Python spawns there by default.
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _workers_that_pay(count: int) -> int:
    enough = ENOUGH_TO_FORK if start_method() == "fork" else ENOUGH_TO_SPAWN
    # Each worker needs half of that number of specs to be worth its start.
    return min(processors(), count // (enough // 2)) if count >= enough else 1


def processors() -> int:
    """Return how many processors this process may use."""
    # cpu_count() counts those of the machine, also where a cpuset or taskset allows fewer.
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _in_processes(jobs: Sequence[LintJob], count: int, method: str) -> list[LintOutcome]:
    """Lint in a pool of processes; a worker that dies raises BrokenProcessPool, so that it never looks clean."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(count, mp_context=context, initializer=_leave_interrupts_to_the_parent) as pool:
        try:
            # Four chunks a worker, as multiprocessing.Pool has it: large specs are spread, and messages stay few.
            return list(pool.map(run_job, jobs, chunksize=max(1, len(jobs) // (count * 4))))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _leave_interrupts_to_the_parent() -> None:
    # A terminal sends Ctrl-C to every process of the group; each worker would print a traceback.
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
