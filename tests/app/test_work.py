"""The queue of long work, without Streamlit: turns, cancelling, time limits, sessions that end, work that fails."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import archspec
from explorer.work.apart import apart
from explorer.work.history import KEPT, History
from explorer.work.job import Control, Job, Work
from explorer.work.runner import MOST, MOST_EACH, Runner
from explorer.work.turns import Full
from tests.runtime.tiny import IMAGES, graph_of, sabotage, workers

SLEEP = "import torch, time\ntorch.nn.ReLU.forward = lambda self, x: time.sleep(600)"
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


class Gate:
    """Work that runs until it is let through, or told to stop."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.done: list[str] = []

    def named(self, name: str) -> Work:
        def work(control: Control) -> str:
            control.tell("waiting at the gate", name)
            while not self.open.wait(0.005) and not control.stop():
                pass
            self.done.append(name)
            return name

        return work


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_two_at_once_queue(gate: Gate) -> None:
    runner = Runner()
    first, second = runner.submit(job(), gate.named("1")), runner.submit(job("ben"), gate.named("2"))
    until(lambda: first.layer == "1")
    assert (first.state, first.stage) == ("running", "waiting at the gate")
    assert (second.state, runner.ahead(first), runner.ahead(second)) == ("waiting", 0, 1)
    gate.open.set()
    over(first, second)
    assert (first.result, second.result, gate.done) == ("1", "2", ["1", "2"])


def test_sessions_take_turns(gate: Gate) -> None:
    runner = Runner()
    jobs = [runner.submit(job("anna"), gate.named("a0"))]
    until(lambda: jobs[0].state == "running")
    jobs += [runner.submit(job("anna"), gate.named(name)) for name in ("a1", "a2", "a3")]
    jobs += [runner.submit(job("ben"), gate.named("b1")), runner.submit(job("cleo"), gate.named("c1"))]
    assert [runner.ahead(one) for one in jobs] == [0, 1, 4, 5, 2, 3]
    gate.open.set()
    over(*jobs)
    assert gate.done == ["a0", "a1", "b1", "c1", "a2", "a3"]


def test_the_queue_is_bounded(gate: Gate) -> None:
    runner = Runner()
    jobs = [runner.submit(job(), gate.named("running"))]
    until(lambda: jobs[0].state == "running")
    jobs += [runner.submit(job(), gate.named("waiting")) for _ in range(MOST_EACH)]
    with pytest.raises(Full, match="3 of your runs"):
        runner.submit(job(), gate.named("too many"))
    jobs += [runner.submit(job(f"guest {n}"), gate.named("guest")) for n in range(MOST - MOST_EACH)]
    with pytest.raises(Full, match="on this server"):
        runner.submit(job("late guest"), gate.named("too many"))
    gate.open.set()
    over(*jobs)
    assert "too many" not in gate.done


def test_cancelling_what_waits_and_what_runs(gate: Gate) -> None:
    runner = Runner()
    running, waiting, third = (runner.submit(job(), gate.named(name)) for name in "123")
    until(lambda: running.state == "running")
    runner.cancel(waiting)
    assert (waiting.state, runner.ahead(third)) == ("cancelled", 1)
    runner.cancel(running)
    over(running)
    assert running.state == "cancelled"
    gate.open.set()
    over(third)
    assert (third.state, gate.done) == ("done", ["1", "3"])
    runner.cancel(third)
    assert third.state == "done"


def test_a_job_ends_at_its_time_limit(gate: Gate) -> None:
    late = Runner().submit(job(limit=0.05), gate.named("slow"))
    over(late)
    assert (late.state, late.error) == ("late", "not done after 0.05 s, so it was ended")


def test_the_jobs_of_a_session_end_with_it(gate: Gate) -> None:
    there = {"anna", "ben"}
    runner = Runner(lambda session: session in there, grace=0.05)
    jobs = [runner.submit(job("anna"), gate.named("a1"))]
    until(lambda: jobs[0].state == "running")
    jobs.append(runner.submit(job("anna"), gate.named("a2")))
    other = runner.submit(job("ben"), gate.named("b1"))
    there.remove("anna")
    over(*jobs)
    assert [one.state for one in jobs] == ["cancelled", "cancelled"]
    gate.open.set()
    over(other)
    assert other.state == "done"


def test_what_sessions_that_are_gone_have_waiting_makes_room(gate: Gate) -> None:
    there = {"anna", "ben"}
    runner = Runner(lambda session: session in there, grace=0.0)
    running = runner.submit(job("ben"), gate.named("b1"))
    until(lambda: running.state == "running")
    left = [runner.submit(job("anna"), gate.named("a")) for _ in range(MOST_EACH)]
    there.remove("anna")
    last = runner.submit(job("ben"), gate.named("b2"))
    assert ([one.state for one in left], runner.ahead(last)) == (["cancelled"] * MOST_EACH, 1)
    gate.open.set()
    over(running, last)


def test_a_session_that_comes_back_in_time_keeps_its_job(gate: Gate) -> None:
    there = {"anna"}
    runner = Runner(lambda session: session in there, grace=30.0)
    kept = runner.submit(job("anna"), gate.named("a"))
    until(lambda: kept.state == "running")
    there.clear()
    time.sleep(0.05)
    there.add("anna")
    gate.open.set()
    over(kept)
    assert kept.state == "done"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("batch is a number"), "batch is a number"),
        (KeyError("weight"), "it failed unexpectedly: KeyError: 'weight'"),
    ],
)
def test_work_that_fails_says_so_and_the_next_one_runs(error: Exception, told: str) -> None:
    def fails(_: Control) -> None:
        raise error

    runner = Runner()
    failing, fine = runner.submit(job(), fails), runner.submit(job(), lambda _: 7)
    over(failing, fine)
    assert (failing.state, failing.error, failing.result) == ("failed", told, None)
    assert (fine.state, fine.result) == ("done", 7)


def test_the_thread_ends_with_the_work_and_starts_again() -> None:
    runner = Runner()
    for number in (1, 2):
        over(runner.submit(job(), lambda _, number=number: number))  # type: ignore[misc]
        until(lambda: not any(t.name == "archspec-jobs" for t in threading.enumerate()))


def test_a_session_sees_its_own_history_alone() -> None:
    anna, ben = History(), History()
    first = job()
    anna.add(first)
    assert (anna.of("test"), anna.of("other"), ben.of("test")) == ([first], [], [])
    for _ in range(KEPT + 5):
        done = job()
        done.end("done")
        anna.add(done)
    assert len(anna.of("test")) == KEPT + 1
    assert first in anna.of("test")


def test_what_ended_last_is_told_first() -> None:
    history, jobs = History(), [job() for _ in range(3)]
    for one in jobs:
        history.add(one)
    jobs[1].end("cancelled")
    jobs[0].end("done")
    assert [one.number for one in history.ended("test")] == [1, 2]


def test_a_smoke_run_that_is_cancelled_leaves_no_process(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path, SLEEP))
    graph = graph_of(IMAGES)
    runner = Runner()
    hangs = runner.submit(job(), lambda c: archspec.smoke(graph, device="cpu", listen=c.tell, stop=c.stop))
    until(lambda: "relu" in hangs.layer)
    assert len(workers()) == 1
    runner.cancel(hangs)
    over(hangs)
    assert (hangs.state, hangs.result.error_kind, hangs.result.stage) == ("cancelled", "cancelled", "forward")
    assert not workers()


def apart_workers() -> list[Path]:
    """The processes of work apart that this one has started and that live."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, started_by = status.read_text().rpartition(")")[2].split()[:2]
            words = status.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(started_by) == os.getpid() and state != "Z" and b"explorer/work/worker.py" in words:
            found.append(status.parent)
    return found


def test_work_in_another_process_gives_what_the_library_gives() -> None:
    graph = graph_of(IMAGES)
    done = Runner().submit(job(), apart("python", graph, {}))
    over(done)
    assert (done.state, done.stage, done.error) == ("done", "writing", "")
    assert done.result == archspec.to_python(graph)
    assert not apart_workers()


def test_what_the_library_refuses_is_told() -> None:
    failing = Runner().submit(job(), apart("gradient_flow", graph_of(IMAGES), {"init": "none"}))
    over(failing)
    assert (failing.state, failing.error) == ("failed", "init is one of default, he, xavier, torch, not 'none'")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the process was killed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed: Segmentation fault"),
        ("import os; os._exit(3)", "exit code 3"),
    ],
)
def test_a_process_that_dies_is_told(monkeypatch, tmp_path, code: str, told: str) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(code)
    monkeypatch.setattr("explorer.work.apart.WORKER", worker)
    dead = Runner().submit(job(), apart("python", graph_of(IMAGES), {}))
    over(dead)
    assert dead.state == "failed"
    assert told in dead.error


def test_work_in_another_process_is_cancelled_with_what_it_has_started(monkeypatch, tmp_path) -> None:
    worker = tmp_path / "explorer" / "work" / "worker.py"
    worker.parent.mkdir(parents=True)
    started = tmp_path / "pid"
    worker.write_text(
        "import subprocess, time\n"
        f"open({str(started)!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr("explorer.work.apart.WORKER", worker)
    runner = Runner()
    hangs = runner.submit(job(), apart("python", graph_of(IMAGES), {}))
    until(lambda: started.exists() and bool(started.read_text()))
    assert len(apart_workers()) == 1
    runner.cancel(hangs)
    over(hangs)
    assert hangs.state == "cancelled"
    assert not apart_workers()
    until(lambda: not Path(f"/proc/{started.read_text()}").exists() or _is_dead(int(started.read_text())))


def _is_dead(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
