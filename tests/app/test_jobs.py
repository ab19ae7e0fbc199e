"""The queue of long work, without Streamlit: turns, cancelling, time limits, sessions that end, work that fails."""

from __future__ import annotations

import threading
import time

import pytest

from explorer.work.fair_queue import QueueFull
from explorer.work.history import KEPT, History
from explorer.work.job import Control, JobFunction
from explorer.work.runner import MOST, MOST_EACH, Runner
from tests.app.waiting import job, over, until


class Gate:
    """A job function that runs until it is released or stopped."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.done: list[str] = []

    def named(self, name: str) -> JobFunction:
        def work(control: Control) -> str:
            control.on_progress("waiting at the gate", name)
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
    with pytest.raises(QueueFull, match="3 of your runs"):
        runner.submit(job(), gate.named("too many"))
    jobs += [runner.submit(job(f"guest {n}"), gate.named("guest")) for n in range(MOST - MOST_EACH)]
    with pytest.raises(QueueFull, match="on this server"):
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
    ("error", "message"),
    [
        (ValueError("batch is a number"), "batch is a number"),
        (KeyError("weight"), "it failed unexpectedly: KeyError: 'weight'"),
    ],
)
def test_work_that_fails_says_so_and_the_next_one_runs(error: Exception, message: str) -> None:
    def fails(_: Control) -> None:
        raise error

    runner = Runner()
    failing, fine = runner.submit(job(), fails), runner.submit(job(), lambda _: 7)
    over(failing, fine)
    assert (failing.state, failing.error, failing.result) == ("failed", message, None)
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


def test_what_ended_last_is_reported_first() -> None:
    history, jobs = History(), [job() for _ in range(3)]
    for one in jobs:
        history.add(one)
    jobs[1].end("cancelled")
    jobs[0].end("done")
    assert [one.number for one in history.ended("test")] == [1, 2]
