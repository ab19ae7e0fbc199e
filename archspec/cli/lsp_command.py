"""archspec lsp: the language server."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import redirect_stdout

from archspec.dependencies import require


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose; editors that say how they talk to a server may."""
    parser.add_argument("--stdio", action="store_true", help="talk on standard input and output (it always does)")


def run(_arguments: argparse.Namespace) -> int:
    """Serve until the editor says that it is enough."""
    require("the language server needs", "pygls", extra="lsp")
    from archspec.lsp.server import make_server

    # The messages go out on a pipe of their own: whatever else prints must not come between them.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as messages, redirect_stdout(sys.stderr):
        make_server().start_io(stdout=messages)
    return 0
