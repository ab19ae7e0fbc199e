"""Gradient flow measured in a separate process."""

from __future__ import annotations

from math import inf

from archspec.analysis.gradient_flow import GradientFlow
from archspec.ir.graph import Graph
from archspec.runtime.collector import ProgressCallback
from archspec.runtime.gradient_flow.request import FlowRequest
from archspec.worker.client import ShouldStop, call


def run(
    graph: Graph,
    request: FlowRequest,
    on_progress: ProgressCallback | None = None,
    timeout: float | None = None,
    stop: ShouldStop | None = None,
) -> GradientFlow:
    """Measure in a worker that ends after `timeout` seconds, or once `stop` returns True.

    Raises the errors of `compare`, and WorkerEndedError if the worker was ended. No process is left behind.
    """
    on_progress = on_progress or _ignore
    on_progress("importing torch", "")
    limit = inf if timeout is None else timeout
    target = "archspec.runtime.gradient_flow.compare:compare"
    flow: GradientFlow = call(target, graph, request, timeout=limit, stop=stop, on_progress=on_progress)
    return flow


def _ignore(_stage: str, _layer: str) -> None:
    pass
