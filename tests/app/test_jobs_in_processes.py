"""Jobs in separate processes: their results, the end of a process that dies, and that none is left."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from explorer.work.job import JobFunction
from explorer.work.runner import Runner
from tests.app.waiting import job, over, until
from tests.designs import graph_of
from tests.runtime.tiny_specs import IMAGES, sabotage, workers

pytestmark = pytest.mark.torch

SLEEP = "import torch, time\ntorch.nn.ReLU.forward = lambda self, x: time.sleep(600)"


def test_a_smoke_run_that_is_cancelled_leaves_no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path, SLEEP))
    graph = graph_of(IMAGES)
    runner = Runner()
    hangs = runner.submit(job(), lambda c: archspec.smoke(graph, device="cpu", on_progress=c.on_progress, stop=c.stop))
    until(lambda: "relu" in hangs.layer)
    assert len(workers()) == 1
    runner.cancel(hangs)
    over(hangs)
    assert (hangs.state, hangs.result.error_kind, hangs.result.stage) == ("cancelled", "cancelled", "forward")
    assert not workers()


def write(graph: archspec.Graph) -> JobFunction:
    """The job of the export page."""
    return lambda control: archspec.to_python(graph, stop=control.stop)


def test_a_job_in_a_process_has_the_result_of_one_without() -> None:
    graph = graph_of(IMAGES)
    done = Runner().submit(job(), write(graph))
    over(done)
    assert (done.state, done.error) == ("done", "")
    assert done.result == archspec.to_python(graph)
    assert not workers()


def test_gradient_flow_in_a_process_is_that_of_this_one() -> None:
    graph = graph_of(IMAGES)
    flow = Runner().submit(
        job(), lambda c: archspec.gradient_flow(graph, batch=2, on_progress=c.on_progress, stop=c.stop)
    )
    over(flow)
    assert (flow.state, flow.stage, flow.error) == ("done", "the start", "")
    assert flow.result == archspec.gradient_flow(graph, batch=2)
    assert not workers()


def test_an_error_of_the_library_is_shown() -> None:
    graph = graph_of("input: [3, 8, 8]\nstages:\n  - relu\n")
    failing = Runner().submit(job(), lambda c: archspec.gradient_flow(graph, stop=c.stop))
    over(failing)
    assert failing.state == "failed"
    assert failing.error.endswith("has no convolution and no linear layer to look at")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the process was killed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed: Segmentation fault"),
        ("import os; os._exit(3)", "exit code 3"),
    ],
)
def test_the_end_of_a_process_that_dies_is_explained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, message: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path, code))
    dead = Runner().submit(job(), write(graph_of(IMAGES)))
    over(dead)
    assert dead.state == "failed"
    assert message in dead.error


def test_a_job_is_cancelled_with_what_its_process_has_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started = tmp_path / "pid"
    code = (
        "import subprocess, time\n"
        f"open({str(started)!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path, code))
    runner = Runner()
    hangs = runner.submit(job(), write(graph_of(IMAGES)))
    until(lambda: started.exists() and bool(started.read_text()))
    assert len(workers()) == 1
    runner.cancel(hangs)
    over(hangs)
    assert hangs.state == "cancelled"
    assert not workers()
    until(lambda: not Path(f"/proc/{started.read_text()}").exists() or _is_dead(int(started.read_text())))


def _is_dead(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
