"""What a command exits with."""

from __future__ import annotations

CLEAN, FINDINGS, USAGE, CRASH, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 101, 130, 141
