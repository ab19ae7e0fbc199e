"""Work in processes of its own: what comes of it, what is told of a process that dies, and that none is left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import archspec
from explorer.work.apart import apart
from explorer.work.runner import Runner
from tests.app.waiting import job, over, until
from tests.runtime.tiny import IMAGES, graph_of, sabotage, workers

SLEEP = "import torch, time\ntorch.nn.ReLU.forward = lambda self, x: time.sleep(600)"


def test_a_smoke_run_that_is_cancelled_leaves_no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path, SLEEP))
    graph = graph_of(IMAGES)
    runner = Runner()
    hangs = runner.submit(job(), lambda c: archspec.smoke(graph, device="cpu", on_progress=c.tell, stop=c.stop))
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
def test_a_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, told: str) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(code)
    monkeypatch.setattr("explorer.work.apart.WORKER", worker)
    dead = Runner().submit(job(), apart("python", graph_of(IMAGES), {}))
    over(dead)
    assert dead.state == "failed"
    assert told in dead.error


def test_work_in_another_process_is_cancelled_with_what_it_has_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
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
