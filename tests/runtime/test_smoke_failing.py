"""Whatever happens to the process of a smoke run, there is a clean report, and no process is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

import archspec
from archspec.cli.main import main
from archspec.runtime.collector import Interrupted, ProgressCallback
from archspec.runtime.smoke.report import SmokeReport
from archspec.runtime.smoke.request import SmokeRequest
from archspec.runtime.smoke.smoke_run import run
from archspec.worker import client
from tests.designs import graph_of
from tests.narrow import present
from tests.runtime.tiny_specs import IMAGES, line_of, sabotage, workers

GRAPH = graph_of(IMAGES)
RELU = line_of(IMAGES, "relu")
AT_RELU = "import os, signal, torch\ndef forward(self, x):\n    {act}\ntorch.nn.ReLU.forward = forward\n"
SLEEP = AT_RELU.format(act="import time; time.sleep(600)")
BACKWARD = """
import os, signal, torch
class Deadly(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.clone()
    @staticmethod
    def backward(ctx, gradient): os.kill(os.getpid(), signal.SIGSEGV)
torch.nn.ReLU.forward = lambda self, x: Deadly.apply(x)
"""
COMPILED = """
input: [6]
stages:
  - linear: {features: 4}
  - relu
  - linear: 3
"""
LONG = 500.0  # seconds that nothing here takes, however busy the machine is
Sabotage = Callable[[str], None]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert not workers()


@pytest.fixture
def sabotaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sabotage:
    return lambda code: monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path, code))


def go(on_progress: ProgressCallback | None = None) -> SmokeReport:
    return run(GRAPH, SmokeRequest(device="cpu", batch=2, steps=1, timeout=LONG), on_progress)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("number", "kind", "word"), [("SIGSEGV", "crash", "Segmentation fault"), ("SIGKILL", "killed", "was killed")]
)
def test_a_process_that_dies(sabotaged: Sabotage, number: str, kind: str, word: str) -> None:
    sabotaged(AT_RELU.format(act=f"os.kill(os.getpid(), signal.{number})"))
    report = go()
    assert (report.ok, report.error_kind, report.stage) == (False, kind, "forward")
    assert word in present(report.error)
    assert "relu" in present(report.layer)
    assert (present(report.span).file, present(report.span).line) == ("net.yaml", RELU)


@pytest.mark.torch
def test_a_crash_in_the_backward_pass_names_its_layer(sabotaged: Sabotage) -> None:
    sabotaged(BACKWARD)
    report = go()
    assert (report.error_kind, report.stage) == ("crash", "training step")
    assert present(report.span).line == RELU
    assert "(in the backward pass)" in present(report.error)
    assert report.loss is not None


def up_when(happened: Callable[[], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run's time is up as soon as something has happened, and not before.

    The first reading is zero all the same: it is the time of the start, which the process may have outrun.
    """
    readings = count()
    monkeypatch.setattr(client, "monotonic", lambda: LONG + 1 if next(readings) and happened() else 0.0)


@pytest.mark.torch
def test_a_hang_is_ended(sabotaged: Sabotage, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotaged(SLEEP)
    received: list[str] = []
    up_when(lambda: any("relu" in layer for layer in received), monkeypatch)
    report = go(lambda _stage, layer: received.append(layer))
    assert (report.error_kind, report.stage, present(report.span).line) == ("timeout", "forward", RELU)
    assert "not done after 500 s" in present(report.error)


def test_a_stopped_process_is_ended(sabotaged: Sabotage, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotaged("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n")
    stopped: set[int] = set()

    def look() -> bool:
        stopped.update(process for process in workers() if state(process) == "T")
        return bool(stopped)

    up_when(look, monkeypatch)
    report = go()
    assert stopped
    assert (report.error_kind, report.stage) == ("timeout", "starting")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C raises, also where a shell has started the tests in the background, so that they ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.torch
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_gives_what_is_known(sabotaged: Sabotage) -> None:
    sabotaged(SLEEP)

    def press(_stage: str, layer: str) -> None:
        if "relu" in layer:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted) as caught:
        run(GRAPH, SmokeRequest(device="cpu", timeout=LONG), press)
    report = caught.value.report
    assert (report.ok, report.error_kind, report.stage) == (False, "interrupted", "forward")
    assert present(report.span).line == RELU


@pytest.mark.torch
def test_a_run_that_is_stopped_shows_its_progress(sabotaged: Sabotage) -> None:
    sabotaged(SLEEP)
    received: list[tuple[str, str]] = []

    def at_relu() -> bool:
        return bool(received) and "relu" in received[-1][1]

    report = archspec.smoke(
        GRAPH, device="cpu", timeout=60.0, on_progress=lambda *now: received.append(now), stop=at_relu
    )
    assert (report.ok, report.error_kind, report.stage) == (False, "cancelled", "forward")
    assert present(report.span).line == RELU
    assert list(dict.fromkeys(stage for stage, _ in received))[-3:] == ["looking for the device", "building", "forward"]


@pytest.mark.torch
def test_the_search_for_the_largest_batch_can_be_stopped() -> None:
    report = archspec.smoke(GRAPH, device="cpu", batch="max", memory_limit=10**9, timeout=60.0, stop=lambda: True)
    assert (report.error_kind, len(report.tries), report.largest_batch) == ("cancelled", 1, None)


def test_what_the_process_starts_is_ended_with_it(sabotaged: Sabotage, tmp_path: Path) -> None:
    started = tmp_path / "pid"
    child = f"import subprocess; open({str(started)!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))\n"
    sabotaged(f"{child}\nimport os, signal\nos.kill(os.getpid(), signal.SIGABRT)")
    report = go()
    assert (report.error_kind, report.stage) == ("crash", "starting")
    assert "Aborted" in present(report.error)
    gone_within(int(started.read_text()), 60)


def gone_within(process: int, seconds: float) -> None:
    """Wait until a process is gone; a dead one that nobody has waited for counts as gone."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if state(process) in ("", "Z"):
            return
        time.sleep(0.05)
    raise AssertionError(f"process {process} still lives")


def state(process: int) -> str:
    """The letter that Linux has for what a process does; "" of one that is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


@pytest.mark.torch
def test_the_run_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(IMAGES)
    there = tmp_path / "there"
    waits = AT_RELU.format(act=f"import time; open({str(there)!r}, 'w').close(); time.sleep(600)")
    words = [sys.executable, "-m", "archspec", "smoke", str(tmp_path / "net.yaml"), "--device", "cpu"]
    parent = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": sabotage(tmp_path, waits)})
    try:
        deadline = time.monotonic() + LONG
        while not there.exists() and parent.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        found = workers(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    assert there.exists()
    assert len(found) == 1
    for process in found:
        gone_within(process, 60)


@pytest.mark.slow
def test_compile_runs_what_inductor_makes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no C++ compiler, as in the next test: then this says so too."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("TORCHINDUCTOR_COMPILE_THREADS", "1")
    requested = SmokeRequest(device="cpu", batch=2, steps=1, timeout=LONG)
    compiled = run(graph_of(COMPILED), replace(requested, compile=True))
    if shutil.which(os.environ.get("CXX", "g++")) is None:
        assert "needs a C++ compiler" in present(compiled.error)
        return
    assert compiled, compiled.error
    assert compiled.loss == run(graph_of(COMPILED), requested).loss
    assert compiled.forward_ms
    assert compiled.step_ms
    assert list(tmp_path.rglob("*.so"))  # what the compiler made of generated C++


@pytest.mark.slow
def test_compile_without_a_compiler_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("TORCHINDUCTOR_COMPILE_THREADS", "1")
    monkeypatch.setenv("CXX", "no-such-compiler")
    report = run(graph_of(COMPILED), SmokeRequest(device="cpu", batch=2, steps=1, compile=True, timeout=LONG))
    assert (report.ok, report.error_kind, report.stage) == (False, "failed", "compiling the forward pass")
    missing = "torch.compile needs a C++ compiler on a CPU and finds none"
    assert report.error == f"{missing}; install g++, or leave --compile out"
    assert (report.finite, report.without_gradient) == (True, ())


@pytest.mark.torch
@pytest.mark.skipif(sys.platform != "linux", reason="a memory limit on a CPU is kept under Linux alone")
def test_a_run_out_of_memory(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(IMAGES)
    words = ["--device", "cpu", "--batch", "100000", "--memory-limit", "50MB"]
    assert main(["smoke", str(tmp_path / "net.yaml"), *words]) == 1
    printed = capsys.readouterr()
    assert "out of memory" in printed.out
    assert printed.err == ""
