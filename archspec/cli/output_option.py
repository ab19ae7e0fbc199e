"""The option `-o FILE`, whose suffix chooses the format."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from archspec.cli.atomic_write import write_file
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
    """Return the format of a suffix; raises UsageError for another one."""
    suffix = path.rpartition(".")[2].lower() if "." in path else ""
    if suffix not in formats:
        raise UsageError(f"-o {path}: the suffix says the format, one of {', '.join(f'.{form}' for form in formats)}")
    return suffix


def write_output(path: str, data: str | bytes) -> None:
    """Write the file at once; raises UsageError where it cannot be written."""
    problem = write_file(path, data)
    if problem:
        raise UsageError(f"{path}: {problem}")
