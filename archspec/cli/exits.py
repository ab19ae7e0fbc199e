"""What a command exits with."""

from __future__ import annotations

CLEAN, FINDINGS, USAGE, CRASH, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 101, 130, 141


class UsageError(Exception):
    """Arguments that cannot be used together, or a configuration that cannot be; the message says which and why."""
