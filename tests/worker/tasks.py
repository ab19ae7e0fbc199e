"""Functions for a worker to call in tests."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable


def double(number: int) -> int:
    return 2 * number


def report_and_return(values: list[int], report: Callable[[int, str], None]) -> str:
    for value in values:
        report(value, str(value))
    return "done"


def print_and_return(text: str) -> str:
    """Print to both streams, as libraries do; nothing of it may be taken for a frame."""
    print(text, flush=True)
    os.write(1, text.encode())
    print(text, file=sys.stderr)
    return text


def fail(kind: str) -> None:
    if kind == "builtin":
        raise KeyError("weight")
    if kind == "foreign":
        raise Foreign("first\nsecond")
    if kind == "unpicklable":
        raise Unpicklable(1, 2)
    from archspec.errors import TaskError

    raise TaskError("looks_ahead", "it does", "layer1.0")


class Foreign(Exception):
    """An exception of a package that the client must not import."""


class Unpicklable(ValueError):
    def __init__(self, one: int, two: int) -> None:
        super().__init__("neither")


# By its module it counts as portable, but pickling it fails: `builtins` has no such class.
Unpicklable.__module__ = "builtins"


def end(code: int) -> None:
    print("last words", file=sys.stderr)
    os._exit(code)


def kill(number: int) -> None:
    os.kill(os.getpid(), number)


def sleep(report: Callable[[str], None]) -> None:
    report("sleeping")
    time.sleep(600)


def start_and_end(report: Callable[[int], None]) -> None:
    """Start a process that inherits the stream of frames and lives on, then end."""
    report(subprocess.Popen(["sleep", "600"], stdout=os.dup(1)).pid)
    os._exit(0)


def return_and_end(text: str) -> str:
    """Return a result; the process is gone a moment after that."""
    threading.Timer(0.2, os._exit, [0]).start()
    return text
