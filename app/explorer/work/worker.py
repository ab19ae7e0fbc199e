"""The process of one piece of work: takes a Graph and what to do with it, tells how far it is and what came of it.

It works by archspec's public names, and ends as soon as its standard input does.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

import archspec

HEADER = 8  # bytes that say how many follow
Say = Callable[[str, Any], None]


def main() -> NoReturn:
    """Do what standard input asks for; what libraries print is no message."""
    told, given = os.fdopen(os.dup(1), "wb", buffering=0), os.fdopen(0, "rb", buffering=0)
    os.dup2(2, 1)
    kind, graph, options = receive(given)
    threading.Thread(target=_end_with_parent, args=(given,), daemon=True).start()

    def say(what: str, value: Any) -> None:
        send(told, (what, value))

    try:
        say("result", WORK[kind](graph, options, say))
    except (ValueError, RuntimeError, ImportError, archspec.SpecError) as error:
        say("error", str(error).strip() or type(error).__name__)
    os._exit(0)


def send(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message)
    left = memoryview(len(data).to_bytes(HEADER, "big") + data)
    while left:
        left = left[stream.write(left) or 0 :]


def receive(stream: BinaryIO) -> Any:
    """Read one message; raises EOFError where there is none."""
    return pickle.loads(_read(stream, int.from_bytes(_read(stream, HEADER), "big")))


def _read(stream: BinaryIO, count: int) -> bytes:
    parts: list[bytes] = []
    while count > 0:
        part = stream.read(min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _end_with_parent(given: BinaryIO) -> None:
    """Wait for the end of standard input, then kill this process and those that it has started."""
    while given.read(1):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _gradient_flow(graph: archspec.Graph, options: dict[str, Any], say: Say) -> archspec.GradientFlow:
    say("far", ("importing torch", ""))
    return archspec.gradient_flow(graph, on_progress=lambda stage, layer: say("far", (stage, layer)), **options)


def _python(graph: archspec.Graph, options: dict[str, Any], say: Say) -> str:
    say("far", ("writing", ""))
    return archspec.to_python(graph, **options)


WORK = {"gradient_flow": _gradient_flow, "python": _python}

if __name__ == "__main__":
    sys.exit(main())
