"""The server of `archspec app`: no signal that ends the command leaves it on its port."""

from __future__ import annotations

import signal
import socket
import sys

import pytest

from archspec.cli.main import main
from tests.app.server_process import SECONDS, free_port, started, wait_until_free


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
