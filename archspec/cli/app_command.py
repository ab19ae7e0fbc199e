"""archspec app: the explorer, in a browser."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from archspec.cli.exit_codes import CLEAN
from archspec.dependencies import require
from archspec.errors import UsageError

FOLDER = "ARCHSPEC_SPECS"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder of specs, and where the explorer is served."""
    parser.add_argument("--specs", metavar="DIR", help="a folder whose specs can be opened, and be saved into")
    parser.add_argument("--port", type=int, default=8501, help="where it is served (default: 8501)")
    about = "whom it is served to: localhost is this machine alone (default: localhost)"
    parser.add_argument("--host", default="localhost", help=about)
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    require("the explorer needs", "Streamlit", extra="app")
    if not 1 <= arguments.port <= 65_535:
        raise UsageError(f"--port {arguments.port}: a port is a number from 1 to 65535")
    # Streamlit runs main.py itself, again for each session: the environment reaches it without a command line there.
    environment = dict(os.environ)
    if arguments.specs is not None:
        if not Path(arguments.specs).is_dir():
            raise UsageError(f"--specs {arguments.specs}: there is no such directory")
        environment[FOLDER] = str(Path(arguments.specs).resolve())
    try:
        done = subprocess.run(command(arguments.port, arguments.host, arguments.no_browser), env=environment)
    except KeyboardInterrupt:
        return CLEAN
    return done.returncode


def command(port: int, host: str, headless: bool) -> list[str]:
    """Return the command that starts Streamlit; further settings are in .streamlit/config.toml next to main.py."""
    options = {"server.port": port, "server.address": host, "server.headless": str(headless).lower()}
    settings = [f"--{name}={value}" for name, value in options.items()]
    # Not the `streamlit` of PATH, which may belong to another environment, where archspec is not installed.
    return [sys.executable, "-m", "streamlit", "run", str(files() / "main.py"), *settings]


def files() -> Path:
    """Return the folder of the app: inside the package in a wheel, next to it in a clone."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "app_files"
    return inside if inside.is_dir() else package.parent / "app"
