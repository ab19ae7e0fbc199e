"""Gradient flow of a design, beside the same without its shortcuts where that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from archspec.analysis.gradient_flow import LAYERS, FlowRun, GradientFlow, flow_layers
from archspec.analysis.shortcut_removal.remove import without_shortcuts
from archspec.errors import GradientFlowError, ShortcutRemovalError
from archspec.ir.graph import Graph
from archspec.runtime.devices import device_of
from archspec.runtime.gradient_flow.measure import FlowMeasurement, Weights
from archspec.runtime.gradient_flow.request import FlowRequest
from archspec.runtime.layer_hooks import LayerMonitor
from archspec.runtime.worker.client import span_of

ProgressCallback = Callable[[str, str], None]  # what is being done, and the layer that was entered last


def compare(graph: Graph, request: FlowRequest, on_progress: ProgressCallback | None = None) -> GradientFlow:
    """The figures of one run, or two that start with the same weights and see the same samples.

    torch's own random state is left as it was. Raises ShortcutRemovalError, GradientFlowError, DeviceNotFoundError.
    """
    plain, refusal = _plain(graph)
    if request.without_shortcuts and refusal is not None:
        raise refusal
    device = device_of(request.device)
    request = replace(request, device=str(device))
    main = None if plain is None else frozenset(placed.path for placed in plain.nodes())
    if not any(placed.step.kind in LAYERS for placed in graph.nodes()):
        raise GradientFlowError(f"{graph.name} has no convolution and no linear layer to look at")
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        run, weights = _run(graph, main, request, True, None, on_progress)
        runs = [run]
        if request.without_shortcuts and plain is not None:
            runs.append(_run(plain, main, request, False, weights, on_progress)[0])
    return GradientFlow(
        graph.name, graph.variant, request.device, request.init, request.seed, request.batch, request.steps,
        request.learning_rate, tuple(runs),
    )  # fmt: skip


def _plain(graph: Graph) -> tuple[Graph | None, ShortcutRemovalError | None]:
    """The design without its shortcuts, which says what the main path is; or why that is not known."""
    try:
        return without_shortcuts(graph), None
    except ShortcutRemovalError as refusal:
        return None, refusal


def _run(
    graph: Graph, main: frozenset[str] | None, request: FlowRequest, shortcuts: bool, weights: Weights | None,
    on_progress: ProgressCallback | None,
) -> tuple[FlowRun, Weights]:  # fmt: skip
    """The figures of one network, and the weights that it started with."""
    doing = ["building"]

    def tell(stage: str, layer: str = "") -> None:
        doing[0] = stage
        if on_progress is not None:
            on_progress(stage + ("" if shortcuts else ", without shortcuts"), layer)

    tell("building")
    monitor = LayerMonitor(graph, lambda layer, _: tell(doing[0], layer))
    try:
        flow = FlowMeasurement(graph, flow_layers(graph, main), request, weights)
        begun = flow.weights()
        return flow.run(shortcuts, monitor, tell), begun
    except Exception as error:
        layer = monitor.located(error)
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        message = lines[0] if lines else type(error).__name__
        raise GradientFlowError(message, layer, span_of(graph, layer)) from error
