"""Gradient flow of a design, and on request of the same design without its shortcuts."""

from __future__ import annotations

from dataclasses import replace

from archspec.analysis.gradient_flow import FlowRun, GradientFlow, flow_layers
from archspec.analysis.shortcut_removal.remove import without_shortcuts
from archspec.backends.torch.random_state import restored_generators
from archspec.errors import GradientFlowError, ShortcutRemovalError
from archspec.ir.graph import Graph, Node
from archspec.runtime.collector import ProgressCallback, span_of
from archspec.runtime.devices import device_of
from archspec.runtime.gradient_flow.measure import FlowMeasurement, Weights
from archspec.runtime.gradient_flow.request import FlowRequest
from archspec.runtime.layer_hooks import LayerMonitor
from archspec.worker.server import first_line


def compare(graph: Graph, request: FlowRequest, on_progress: ProgressCallback | None = None) -> GradientFlow:
    """Measure one network, or two that start with the same weights and see the same samples.

    torch's own random state is left as it was. Raises ShortcutRemovalError, GradientFlowError, DeviceNotFoundError.
    """
    plain, refusal = _plain(graph)
    if request.without_shortcuts and refusal is not None:
        raise refusal
    device = device_of(request.device)
    request = replace(request, device=str(device))
    # A layer is on a shortcut if the design without shortcuts does not have it.
    main = None if plain is None else frozenset(placed.path for placed in plain.nodes())
    if not any(isinstance(placed.step, Node) and placed.step.op.is_weighted for placed in graph.nodes()):
        raise GradientFlowError(f"{graph.name} has no convolution and no linear layer to look at")
    with restored_generators(device):
        run, weights = _run(graph, main, request, True, None, on_progress)
        runs = [run]
        if request.without_shortcuts and plain is not None:
            # The same weights: what differs between the two is the shortcuts, and not the draw.
            runs.append(_run(plain, main, request, False, weights, on_progress)[0])
    return GradientFlow(
        graph.name, graph.variant, request.device, request.init, request.seed, request.batch, request.steps,
        request.learning_rate, tuple(runs),
    )  # fmt: skip


def _plain(graph: Graph) -> tuple[Graph | None, ShortcutRemovalError | None]:
    """Return the design without its shortcuts, which defines the main path, or the error that prevents it."""
    try:
        return without_shortcuts(graph), None
    except ShortcutRemovalError as refusal:
        return None, refusal


def _run(
    graph: Graph, main: frozenset[str] | None, request: FlowRequest, shortcuts: bool, weights: Weights | None,
    on_progress: ProgressCallback | None,
) -> tuple[FlowRun, Weights]:  # fmt: skip
    """Measure one network; return its figures, and the weights that it started with."""
    current = ["building"]

    def enter(stage: str, layer: str = "") -> None:
        current[0] = stage
        if on_progress is not None:
            on_progress(stage + ("" if shortcuts else ", without shortcuts"), layer)

    enter("building")
    monitor = LayerMonitor(graph, lambda layer, _: enter(current[0], layer))
    try:
        flow = FlowMeasurement(graph, flow_layers(graph, main), request, weights)
        begun = flow.weights()
        return flow.run(shortcuts, monitor, enter), begun
    except Exception as error:
        layer = monitor.locate(error)
        raise GradientFlowError(first_line(error), layer, span_of(graph, layer)) from error
