"""A request carried out in this process, which is a worker's, or a test's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.backends.torch.out_of_memory import is_out_of_memory
from archspec.errors import DeviceNotFoundError, TaskError
from archspec.ir.graph import Graph
from archspec.runtime.request import RunRequest
from archspec.worker.server import first_line, resolve

SendMessage = Callable[[dict[str, Any]], None]  # takes one message for a RunCollector


def perform(graph: Graph, request: RunRequest, report: SendMessage) -> None:
    """Run the request, and report each result as soon as it is known; raises TaskError with the layer."""
    # Before the import, which takes seconds and can end the process.
    report({"stage": "importing torch"})
    try:
        from archspec.runtime.layer_hooks import LayerMonitor

        performer = resolve(request.work)
    except Exception as error:  # a broken torch fails with more than ImportError
        raise _explained(error, "") from error
    monitor = LayerMonitor(graph, lambda layer, direction: report({"layer": layer, "direction": direction}))
    try:
        performer(graph, request, report, monitor).run()
    except TaskError:
        raise
    except Exception as error:
        raise _explained(error, monitor.locate(error)) from error


def _explained(error: Exception, layer: str) -> TaskError:
    """Return the failure that says of which kind an exception of torch is, and the layer that it was in."""
    message = first_line(error)
    if isinstance(error, DeviceNotFoundError):
        return TaskError("device", message, layer)
    if is_out_of_memory(error):
        return TaskError("out_of_memory", f"out of memory: {message}", layer)
    return TaskError("failed", message, layer)
