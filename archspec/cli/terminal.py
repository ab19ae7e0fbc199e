"""Colours: which there are, and whether a stream gets them."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from archspec.diagnostics import Severity

PLAIN, BOLD, BLUE, CYAN, RED, YELLOW = "", "1", "34", "36", "1;31", "1;33"
LEVELS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: CYAN}
# Cursor to the corner, clear the screen, clear what has scrolled off it.
CLEAR = "\x1b[H\x1b[2J\x1b[3J"


def painted(text: str, style: str, colour: bool) -> str:
    """Return the text in a style, or unchanged without colour."""
    return f"\x1b[{style}m{text}\x1b[0m" if colour and style and text else text


def has_colour(stream: TextIO) -> bool:
    """Return whether to print in colour: on a terminal, unless NO_COLOR is set; on any stream under FORCE_COLOR."""
    # https://no-color.org: any value but the empty one; it wins over FORCE_COLOR.
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    # Windows Terminal sets WT_SESSION; the older console prints escape sequences as text.
    if os.environ.get("TERM") == "dumb" or (sys.platform == "win32" and "WT_SESSION" not in os.environ):
        return False
    return is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Return whether a stream is a terminal; a closed one is not."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
