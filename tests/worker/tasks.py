"""Functions for a worker to call in tests."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO


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


def report_return_and_end(count: int, size: int, report: Callable[[int, bytes], None]) -> bytes:
    """Report much more than a pipe holds and return as much; the process ends as soon as all of that is written."""
    server: Any = sys.modules["__main__"]  # run as a program, not imported
    write = server.write_frame

    def write_and_end(stream: BinaryIO, data: bytes) -> None:
        write(stream, data)
        if pickle.loads(data)[0] == "result":
            os._exit(0)

    server.write_frame = write_and_end
    for number in range(count):
        report(number, bytes(size))
    return bytes(size)


def return_and_end(text: str) -> str:
    """Return a result; the process is gone a moment after that."""
    threading.Timer(0.2, os._exit, [0]).start()
    return text
