"""archspec lsp: the language server."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import redirect_stdout

from archspec.dependencies import require

EXAMPLES = ("lsp",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --stdio, which many editors pass and which changes nothing."""
    parser.add_argument("--stdio", action="store_true", help="talk on standard input and output (it always does)")


def run(_arguments: argparse.Namespace) -> int:
    """Serve until the editor sends `exit`."""
    require("the language server needs", "pygls", extra="lsp")
    from archspec.lsp.server import make_server

    # Messages are written to a duplicate of standard output, and prints are redirected, so that none of them can
    # come between two messages and break the protocol.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as messages, redirect_stdout(sys.stderr):
        make_server().start_io(stdout=messages)
    return 0
