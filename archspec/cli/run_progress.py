"""How far a run is, as one line that changes on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from archspec.cli.formats.report import printable


@contextmanager
def progress(timeout: float | None = None) -> Iterator[Callable[[str, str], None]]:
    """A line on standard error that is told of stages and layers, and taken away at the end."""
    now = TextColumn("{task.description}", markup=False)
    limit = () if timeout is None else (TextColumn(f"of at most {timeout:g} s"),)
    columns = (SpinnerColumn(), now, TimeElapsedColumn(), *limit)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting")
        yield lambda stage, layer: bar.update(task, description=printable(f"{stage}  {layer}".rstrip()))
