"""The progress of a run on standard error, where a person looks at it. rich is imported only to draw it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from archspec.cli.terminal import is_terminal


def run_progress(
    quiet: bool, timeout: float | None = None
) -> AbstractContextManager[Callable[[str, str], None] | None]:
    """Return a context that yields the callback for the stage and layer of a run, or None where nobody watches.

    timeout: seconds after which the run is ended, printed with the time that has passed.
    """
    if quiet or not _is_watched():
        return nullcontext()
    from archspec.cli.rich_progress import line

    return line(timeout)


def calibration_progress(quiet: bool) -> AbstractContextManager[Callable[[int, int, str], None] | None]:
    """Return a context that yields the callback for the measurements that are done, or None where nobody watches."""
    if quiet or not _is_watched():
        return nullcontext()
    from archspec.cli.rich_progress import bar

    return bar()


def _is_watched() -> bool:
    """Return whether standard error is a terminal that can redraw a line."""
    return is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
