"""The explorer's server as a process of its own: started on a free port, and ended with all that it has started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 120  # that a start or an end may take on a busy machine


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(
    command: list[str], port: int, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server in the root of the repository, wait until it answers, and end its whole group in the end."""
    # Tests that run under nohup ignore the signal, and so would what they start.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
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
