"""`--time-limit SECONDS`, of a layout."""

from __future__ import annotations

import argparse
import math

from archspec.views.layout import TIME_LIMIT


def add_time_limit(parser: argparse.ArgumentParser) -> None:
    """Add --time-limit."""
    parser.add_argument(
        "--time-limit",
        metavar="SECONDS",
        type=_seconds,
        default=TIME_LIMIT,
        help=f"give up when the layout of an svg, png or pdf takes longer (default: {TIME_LIMIT:g}; inf: never)",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    # Not `seconds <= 0`, which is false of nan.
    if not seconds > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds
