"""The progress of runs and calibrations on a terminal, drawn by rich."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from archspec.cli.formats.report import printable


@contextmanager
def line(timeout: float | None = None) -> Iterator[Callable[[str, str], None]]:
    """Show a line on standard error until the end of the block; yields the callback that sets its stage and layer."""
    # Names of layers may hold brackets, which rich would take for its markup. On standard error, as standard output
    # may be JSON.
    now = TextColumn("{task.description}", markup=False)
    limit = () if timeout is None else (TextColumn(f"of at most {timeout:g} s"),)
    columns = (SpinnerColumn(), now, TimeElapsedColumn(), *limit)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting")
        yield lambda stage, layer: progress.update(task, description=printable(f"{stage}  {layer}".rstrip()))


@contextmanager
def bar() -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on standard error until the end of the block; yields the callback that advances it.

    The callback takes how many measurements are done, how many there are, and what is next.
    """
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda done, count, what: progress.update(task, completed=done, total=count, description=what)
