"""The option `-o FILE`, whose suffix chooses the format."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from archspec.cli.atomic_write import why_unwritable, write_file
from archspec.diagnostics import printable
from archspec.errors import UsageError


def add_output(parser: argparse.ArgumentParser, formats: Sequence[str], also: str = "") -> None:
    """Add -o; with `also`, which describes a file beyond the printed result, it is optional."""
    suffixes = ", ".join(f".{form}" for form in formats)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=not also,
        help=f"{also or 'where to'}; its suffix says the format: {suffixes}",
    )


def format_of(path: str, formats: Sequence[str]) -> str:
    """Return the format of a suffix; raises UsageError for another one, and for a path that cannot be written."""
    suffix = path.rpartition(".")[2].lower() if "." in path else ""
    if suffix not in formats:
        raise UsageError(f"-o {path}: the suffix says the format, one of {', '.join(f'.{form}' for form in formats)}")
    refuse_unwritable(path)
    return suffix


def refuse_unwritable(path: str) -> None:
    """Raise UsageError for a path that cannot be written: before the work, which may be minutes of training."""
    _refuse(path, why_unwritable(path))


def write_output(arguments: argparse.Namespace, data: str | bytes) -> None:
    """Write the file of -o at once, and say so; raises UsageError where it cannot be written."""
    write(arguments, arguments.output, data)


def write(arguments: argparse.Namespace, path: str, data: str | bytes) -> None:
    """Write a file at once, and say so; raises UsageError where it cannot be written."""
    _refuse(path, write_file(path, data))
    print_written(arguments, path)


def _refuse(path: str, problem: str) -> None:
    if problem:
        raise UsageError(f"cannot write {path}: {problem}")


def print_written(arguments: argparse.Namespace, path: str) -> None:
    """Print a notice that a file has been written, on standard error, unless `--quiet`."""
    if not arguments.quiet:
        print(printable(f"wrote {path}"), file=sys.stderr)
