"""Functions called in a separate process: their results, and every way in which the process can end."""

from __future__ import annotations

import gc
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archspec.errors import TaskError, WorkerEndedError
from archspec.worker.client import Worker, call
from tests.runtime.tiny_specs import workers

TASKS = "tests.worker.tasks:"


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    assert not workers()


def test_a_result_comes_back() -> None:
    assert call(f"{TASKS}double", 21) == 42


def test_one_worker_performs_many_tasks() -> None:
    with Worker() as worker:
        assert [worker.run(f"{TASKS}double", number) for number in range(5)] == [0, 2, 4, 6, 8]
        large = list(range(300_000))
        assert worker.run("builtins:list", large) == large  # more than a pipe holds
        with pytest.raises(KeyError):
            worker.run(f"{TASKS}fail", "builtin")
        assert worker.is_alive
        assert worker.run(f"{TASKS}double", 1) == 2


def test_progress_comes_before_the_result() -> None:
    seen: list[tuple[int, str]] = []
    done = call(f"{TASKS}report_and_return", [1, 2, 3], on_progress=lambda *values: seen.append(values))
    assert (done, seen) == ("done", [(1, "1"), (2, "2"), (3, "3")])


def test_what_is_printed_is_no_frame() -> None:
    assert call(f"{TASKS}print_and_return", "to the screen") == "to the screen"


def test_exceptions_are_those_of_the_function() -> None:
    with pytest.raises(KeyError, match="weight"):
        call(f"{TASKS}fail", "builtin")
    with pytest.raises(TaskError, match="it does") as raised:
        call(f"{TASKS}fail", "task")
    assert (raised.value.kind, raised.value.layer) == ("looks_ahead", "layer1.0")
    with pytest.raises(ModuleNotFoundError):
        call("tests.worker.none:none")


@pytest.mark.parametrize(("kind", "message"), [("foreign", "first"), ("unpicklable", "neither")])
def test_other_exceptions_come_as_their_first_line(kind: str, message: str) -> None:
    with pytest.raises(TaskError) as raised:
        call(f"{TASKS}fail", kind)
    assert (raised.value.kind, str(raised.value)) == ("failed", message)


@pytest.mark.parametrize(
    ("target", "argument", "kind", "message"),
    [
        ("end", 3, "crash", "the process ended with exit code 3: last words"),
        ("kill", signal.SIGKILL, "killed", "the process was killed; mostly by the system, for want of memory"),
        ("kill", signal.SIGSEGV, "crash", "the process crashed: Segmentation fault (signal 11)"),
    ],
)
def test_a_process_that_dies(target: str, argument: int, kind: str, message: str) -> None:
    with pytest.raises(WorkerEndedError) as raised:
        call(f"{TASKS}{target}", argument)
    assert (raised.value.kind, str(raised.value)) == (kind, message)


def test_a_process_is_ended_when_its_time_is_up() -> None:
    with pytest.raises(WorkerEndedError, match=r"not done after 0.5 s") as raised:
        call(f"{TASKS}sleep", on_progress=lambda _: None, timeout=0.5)
    assert raised.value.kind == "timeout"


def test_a_process_is_ended_on_request() -> None:
    seen: list[str] = []
    with pytest.raises(WorkerEndedError, match="cancelled") as raised:
        call(f"{TASKS}sleep", on_progress=seen.append, stop=lambda: bool(seen))
    assert (raised.value.kind, seen) == ("cancelled", ["sleeping"])


def test_an_exception_of_a_callback_ends_the_process() -> None:
    def fail(_: str) -> None:
        raise ZeroDivisionError

    with Worker() as worker:
        with pytest.raises(ZeroDivisionError):
            worker.run(f"{TASKS}sleep", on_progress=fail)
        assert not worker.is_alive


def test_a_result_is_read_although_the_process_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is done may be gone before its result is read: all frames are read before the exit code counts."""

    class Late(queue.SimpleQueue[bytes | None]):
        """Finds nothing in the queue until the process has ended, and then once more."""

        looked = False

        def get(self, block: bool = True, timeout: float | None = None) -> bytes | None:
            if not self.looked:
                self.looked = True
                worker._process.wait(60)
                raise queue.Empty
            return super().get(block, timeout)

    monkeypatch.setattr("archspec.worker.client.queue.SimpleQueue", Late)
    with Worker() as worker:
        assert worker.run(f"{TASKS}return_and_end", "there") == "there"


@pytest.mark.parametrize(("count", "size"), [(0, 10), (0, 50_000_000), (3_000, 2_000), (20, 1_000_000)])
def test_a_process_that_ends_as_soon_as_it_has_written_its_result(count: int, size: int) -> None:
    """All that it wrote is read, however much, also by a client that takes its time over each report."""
    seen: list[int] = []

    def take(number: int, data: bytes) -> None:
        assert len(data) == size
        seen.append(number)
        if number == 0:
            time.sleep(0.5)  # longer than the client waits between two looks at the process

    assert len(call(f"{TASKS}report_return_and_end", count, size, on_progress=take)) == size
    assert seen == list(range(count))


def test_a_stream_that_another_process_holds_is_not_waited_for() -> None:
    started: list[int] = []
    begun = time.monotonic()
    with pytest.raises(WorkerEndedError, match="exit code 0"):
        call(f"{TASKS}start_and_end", on_progress=started.append)
    assert time.monotonic() - begun < 60
    deadline = time.monotonic() + 60
    while Path(f"/proc/{started[0]}").exists() and state(started[0]) != "Z" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{started[0]}").exists() or state(started[0]) == "Z"


def state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_worker_ends_with_its_client() -> None:
    script = (
        "import os\n"
        "from archspec.worker.client import call\n"
        f"call('{TASKS}sleep', on_progress=lambda _: (print('there', flush=True)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as client:
        try:
            assert client.stdout is not None
            assert client.stdout.readline() == b"there\n"
            found = workers(client.pid)
        finally:
            client.kill()
    assert len(found) == 1
    deadline = time.monotonic() + 60
    while any(state(process) != "Z" for process in found) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all(state(process) == "Z" for process in found)


def test_closing_leaves_no_stream_open() -> None:
    worker = Worker()
    worker.close()
    worker.close()
    del worker
    gc.collect()  # a stream that is open would be a ResourceWarning, which is an error here


def test_the_server_imports_no_more_than_it_needs() -> None:
    script = "import sys, archspec.worker.server, archspec.views.layout; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {"torch", "yaml", "pydantic", "networkx"}.isdisjoint(done.stdout.split())
