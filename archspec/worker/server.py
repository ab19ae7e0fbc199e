"""The worker's end: `python -m archspec.worker.server` calls what standard input asks for, one task after another.

It ends as soon as its standard input does, so that it never outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO, NoReturn

from archspec.errors import TaskError
from archspec.worker.protocol import read_frame, write_frame

PORTABLE = ("archspec", "builtins")  # packages whose exceptions a client can unpickle without importing torch


def main() -> NoReturn:
    """Perform tasks until standard input ends."""
    requests = os.fdopen(0, "rb", buffering=0, closefd=False)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what libraries print must not come between frames
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_tasks, args=(requests, tasks), daemon=True).start()
    writing = threading.Lock()  # hooks of a backward pass on a GPU report from threads of autograd

    def send(frame: bytes) -> None:
        with writing:
            write_frame(answers, frame)

    while True:
        send(perform(tasks.get(), send))


def perform(task: bytes, send: Callable[[bytes], None]) -> bytes:
    """Call the target of one task, and send its progress; return the frame of its result or failure."""
    try:
        target, arguments, has_progress = pickle.loads(task)
        call = resolve(target)
        if has_progress:
            arguments = (*arguments, lambda *values: send(pickle.dumps(("progress", values))))
        return pickle.dumps(("result", call(*arguments)))
    except Exception as error:
        return pickle.dumps(("failure", _portable(error)))


def resolve(target: str) -> Callable[..., Any]:
    """Import what `module:name` names."""
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def _portable(error: Exception) -> Exception:
    """Return the exception itself where the client can unpickle it cheaply, else its first line as a TaskError."""
    if type(error).__module__.partition(".")[0] in PORTABLE:
        with contextlib.suppress(Exception):
            # Some exceptions pickle and do not unpickle: those whose __init__ takes other arguments than `args`.
            return pickle.loads(pickle.dumps(error))  # type: ignore[no-any-return]
    return TaskError("failed", first_line(error))


def first_line(error: BaseException) -> str:
    """Return the first line of an exception's message that is not empty, else the exception's name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _read_tasks(requests: BinaryIO, tasks: queue.SimpleQueue[bytes]) -> None:
    """Queue tasks until standard input ends, then kill this process and those that it has started.

    In a thread of its own, so that the end of the client is noticed while a task runs.
    """
    with contextlib.suppress(EOFError, OSError):
        while True:
            tasks.put(read_frame(requests))
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
