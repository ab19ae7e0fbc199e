"""The server of `archspec app`: no signal that ends the command leaves it on its port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from archspec.cli.main import main

ROOT = Path(__file__).parents[2]
SECONDS = 120  # that a start or an end may take on a busy machine


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
    ],
    ids=lambda number: number.name,
)
def test_a_signal_frees_the_port(number: signal.Signals) -> None:
    port = free_port()
    with started([sys.executable, "-m", "archspec", "app", "--no-browser", "--port", str(port)], port) as process:
        # To this process alone, as `kill` and a supervisor do it; a terminal sends Ctrl-C to the whole group.
        process.send_signal(number)
        process.wait(SECONDS)
        wait_until_free(port)


def test_a_taken_port_is_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["app", "--no-browser", "--port", str(port)]) == 2
        assert f"port {port} is in use" in capsys.readouterr().err


def test_a_host_that_is_not_this_machine_is_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    # TEST-NET-1 of RFC 5737: no machine has such an address.
    assert main(["app", "--no-browser", "--host", "192.0.2.1"]) == 2
    assert capsys.readouterr().err.startswith("archspec: --host 192.0.2.1 --port 8501: ")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server in the root of the repository, wait until it answers, and end its whole group in the end."""
    # Tests that run under nohup ignore the signal, and so would what they start.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    signal.signal(signal.SIGHUP, before)
    try:
        _wait_for(port, process)
        yield process
    finally:
        with suppress(ProcessLookupError):  # which is the expected end
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)


def wait_until_free(port: int) -> None:
    """Return as soon as the port can be bound; fail where it stays taken."""
    deadline = time.monotonic() + SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("localhost", port))
                return
            except OSError:
                assert time.monotonic() < deadline, f"port {port} is still taken"
        time.sleep(0.1)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended before it answered"
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
