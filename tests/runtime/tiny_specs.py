"""Specs whose smoke runs take a moment, and helpers to disturb and to find the processes of a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from textwrap import indent

from archspec.views.layout import RENDER

IMAGES = """
input: [3, 8, 8]
stages:
  - conv: {channels: 4, kernel: 3, padding: 1}
  - batch_norm
  - relu: {name: relu}
  - residual:
      - conv: {channels: 4, kernel: 3, padding: 1}
      - dropout: 0.5
head:
  - global_avg_pool
  - linear: 5
"""
AFTER_POOLING = """
input: [3, 8, 8]
stages:
  - conv: {channels: 4, kernel: 3}
head:
  - global_avg_pool
  - batch_norm
  - linear: 5
"""


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def sabotage(directory: Path, code: str) -> str:
    """Return the PYTHONPATH under which a run's process executes `code` when it starts."""
    # Python imports sitecustomize when it starts; the guard spares the other processes of the test.
    guarded = f"import sys\nif 'archspec.worker.server' in sys.orig_argv:\n{indent(code.strip(), '    ')}\n"
    (directory / "sitecustomize.py").write_text(guarded)
    return os.pathsep.join([str(directory), *filter(None, sys.path)])


def workers(parent: int | None = None) -> set[int]:
    """Return the live workers that this process, or another, has started, without those of painters, which stay."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                # In /proc/PID/stat the command is in brackets and may hold spaces: fields count from the last bracket.
                state, started_by = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            ours = int(started_by) == (parent or os.getpid())
            if ours and b"archspec.worker.server" in words and RENDER.encode() not in words and state != "Z":
                found.add(int(entry.name))
    return found
