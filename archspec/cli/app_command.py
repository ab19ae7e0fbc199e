"""archspec app: the explorer, in a browser."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import runpy
import socket
import sys
from pathlib import Path

from archspec.cli.exit_codes import CLEAN
from archspec.dependencies import require
from archspec.errors import UsageError

FOLDER = "ARCHSPEC_SPECS"
SCRIPT = "streamlit_app.py"  # the name that `streamlit run DIRECTORY` looks for
EXAMPLES = (
    "app",
    "app --specs specs --port 8600",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder of specs, and where the explorer is served."""
    parser.add_argument("--specs", metavar="DIR", help="a folder whose specs can be opened, and be saved into")
    parser.add_argument("--port", type=int, default=8501, help="where it is served (default: 8501)")
    about = "whom it is served to: localhost is this machine alone (default: localhost)"
    parser.add_argument("--host", default="localhost", help=about)
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C, or until this process is ended in any other way."""
    require("the explorer needs", "Streamlit", extra="app")
    if not 1 <= arguments.port <= 65_535:
        raise UsageError(f"--port {arguments.port}: a port is a number from 1 to 65535")
    # The script runs again for each session: the environment reaches it without a command line there.
    if arguments.specs is not None:
        if not Path(arguments.specs).is_dir():
            raise UsageError(f"--specs {arguments.specs}: there is no such directory")
        os.environ[FOLDER] = str(Path(arguments.specs).resolve())
    _refuse_taken_port(arguments.host, arguments.port)
    sys.argv = streamlit_arguments(arguments.port, arguments.host, arguments.no_browser)
    # A server lives long: the thresholds that main() raises for short commands would let garbage pile up.
    gc.set_threshold(700, 10, 10)
    try:
        # In this process: Streamlit in one of its own would outlive this one where that is killed, and keep the port.
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else CLEAN
    except KeyboardInterrupt:
        pass
    return CLEAN


def _refuse_taken_port(host: str, port: int) -> None:
    """Raise UsageError for a port that another program listens on, and for a host that is not this machine's."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            if sys.platform != "win32":  # where the option would let two programs share the port
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} is in use, perhaps by another explorer: choose one with --port"
            raise UsageError(message) from None
        raise UsageError(f"--host {host} --port {port}: {(error.strerror or str(error)).lower()}") from None


def streamlit_arguments(port: int, host: str, headless: bool) -> list[str]:
    """Return Streamlit's command line; further settings are in .streamlit/config.toml next to the script."""
    options = {"server.port": port, "server.address": host, "server.headless": str(headless).lower()}
    return ["streamlit", "run", str(files() / SCRIPT), *(f"--{name}={value}" for name, value in options.items())]


def files() -> Path:
    """Return the folder of the app: inside the package in a wheel, next to it in a clone."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "app_files"
    return inside if inside.is_dir() else package.parent / "app"
