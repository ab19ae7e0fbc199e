"""The exit codes of the command line (docs/commands.md)."""

from __future__ import annotations

# The last two are those that shells report for a process ended by SIGINT (128 + 2) and by SIGPIPE (128 + 13).
CLEAN, FINDINGS, USAGE, CRASH, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 101, 130, 141
