"""The process of one run: takes the graph and the request from standard input, tells what happens line by line.

It ends as soon as its standard input does, so that it never outlives the process that started it.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from archspec.ir.graph import Graph
from archspec.runtime.request import RunRequest

HEADER = 8  # bytes that say how many follow
MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "bad_alloc", "cannot allocate memory")
TELL_ALL = "ARCHSPEC_DEBUG"


def main() -> NoReturn:
    """Run what standard input asks for; always exits 0, and tells failures as lines."""
    told = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no message
    graph, request = pickle.loads(_read(int.from_bytes(_read(HEADER), "big")))
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def say(message: dict[str, Any]) -> None:
        os.write(told, json.dumps(message).encode() + b"\n")

    perform(graph, request, say)
    os._exit(0)


def perform(graph: Graph, request: RunRequest, say: Callable[[dict[str, Any]], None]) -> None:
    """Run it, and say all that is found out: last that it is done, or what failed."""
    say({"stage": "importing torch"})
    from archspec.runtime.layer_hooks import LayerMonitor

    module, _, name = request.work.partition(":")
    exercise = getattr(import_module(module), name)

    monitor = LayerMonitor(graph, lambda layer, direction: say({"layer": layer, "direction": direction}))
    try:
        exercise(graph, request, say, monitor).run()
        say({"done": True})
    except Exception as error:
        if os.environ.get(TELL_ALL):
            import traceback

            traceback.print_exception(error)
        say({"failed": _told(error, monitor.located(error))})


def _read(count: int) -> bytes:
    """So many bytes of standard input; the process ends where it does."""
    parts: list[bytes] = []
    while count > 0:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _end_with_parent() -> None:
    """Wait for the end of standard input, then kill this process and those that it has started."""
    while os.read(0, 1):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _told(error: Exception, layer: str) -> dict[str, str]:
    """The kind of a failure, its message and the layer that it was in."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    message = lines[0] if lines else type(error).__name__
    kind = getattr(error, "kind", "")
    layer = getattr(error, "layer", layer)
    if not kind:
        kind = "device" if type(error).__name__ == "DeviceNotFoundError" else "failed"
        if _is_memory(error):
            kind, message = "out_of_memory", f"out of memory: {message}"
    return {"kind": kind, "message": message, "layer": layer}


def _is_memory(error: Exception) -> bool:
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(word in words for word in MEMORY_WORDS)


if __name__ == "__main__":
    sys.exit(main())
