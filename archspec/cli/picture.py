"""What the commands that write a picture have in common: its format by the suffix, and a limit of time."""

from __future__ import annotations

import argparse
import math

from archspec.cli.exits import UsageError


def add_time_limit(parser: argparse.ArgumentParser) -> None:
    """The limit of the layout."""
    parser.add_argument(
        "--time-limit",
        metavar="SECONDS",
        type=_seconds,
        default=math.inf,
        help="give up when the layout of an svg, png or pdf takes longer (default: never)",
    )


def format_of(path: str, formats: tuple[str, ...]) -> str:
    """The format that a file's suffix says; raises UsageError."""
    suffix = path.rpartition(".")[2].lower() if "." in path else ""
    if suffix not in formats:
        raise UsageError(f"-o {path}: the suffix says the format, one of {', '.join(f'.{form}' for form in formats)}")
    return suffix


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds
