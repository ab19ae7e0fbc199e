"""The results of measuring gradient flow: norms by depth, at the start and after some steps."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from archspec.diagnostics import Span
from archspec.ir.flat import flatten
from archspec.ir.graph import Graph, join
from archspec.ops import find_op


class FlowLayer(Struct, frozen=True):
    """A convolution or linear layer, in order of execution.

    depth: the number of layers up to it, those on shortcuts not counted. weight: the state_dict key of its weight.
    """

    path: str
    op: str
    depth: int
    on_shortcut: bool
    weight: str
    span: Span

    @property
    def is_convolution(self) -> bool:
        op = find_op(self.op)
        return op is not None and op.is_convolution


class FlowMoment(Struct, frozen=True):
    """The L2 norms of each layer's weight gradient and output after a number of steps; None if not finite or absent."""

    step: int
    loss: float | None
    gradients: tuple[float | None, ...]
    activations: tuple[float | None, ...]


class FlowRun(Struct, frozen=True):
    """The run of one network, with its shortcuts or without: layers, measured moments, the loss of each step.

    `stopped` is the step after which the loss was not finite, so that nothing was measured any more.
    """

    shortcuts: bool
    params: int
    layers: tuple[FlowLayer, ...]
    moments: tuple[FlowMoment, ...]
    losses: tuple[float, ...] = ()
    stopped: int | None = None

    @property
    def ends(self) -> tuple[int, int] | None:
        """The numbers of the first and last convolution of the main path; of its layers if it has less than two."""
        main = [number for number, layer in enumerate(self.layers) if not layer.on_shortcut]
        convolutions = [number for number in main if self.layers[number].is_convolution]
        chosen = convolutions if len(convolutions) > 1 else main
        return (chosen[0], chosen[-1]) if len(chosen) > 1 else None

    def ratio(self, moment: FlowMoment) -> float | None:
        """Return the first weight gradient over the last; None if either is unknown or the last is zero."""
        if self.ends is None:
            return None
        first, last = (moment.gradients[number] for number in self.ends)
        return None if first is None or not last else first / last

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        ends = None if self.ends is None else [self.layers[number].path for number in self.ends]
        return {
            "shortcuts": self.shortcuts,
            "params": self.params,
            "first": ends and ends[0],
            "last": ends and ends[1],
            "stopped": self.stopped,
            "losses": list(self.losses),
            "moments": [self._moment(moment) for moment in self.moments],
        }

    def _moment(self, moment: FlowMoment) -> dict[str, Any]:
        figures = zip(self.layers, moment.gradients, moment.activations, strict=True)
        return {
            "step": moment.step,
            "loss": moment.loss,
            "ratio": self.ratio(moment),
            "layers": [
                {
                    **{name: value for name, value in asdict(layer).items() if name != "span"},
                    **{name: getattr(layer.span, name) for name in ("file", "line", "column")},
                    "gradient": gradient,
                    "activation": activation,
                }
                for layer, gradient, activation in figures
            ],
        }


class GradientFlow(Struct, frozen=True):
    """Gradient flow of a design, and of the same without its shortcuts if both were requested."""

    name: str
    variant: str
    device: str
    init: str
    seed: int
    batch: int
    steps: int
    learning_rate: float
    runs: tuple[FlowRun, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        plain = {name: value for name, value in asdict(self).items() if name != "runs"}
        return {**plain, "runs": [run.to_dict() for run in self.runs]}


def flow_layers(graph: Graph, main: frozenset[str] | None = None) -> tuple[FlowLayer, ...]:
    """Return every layer of a graph that has a weight; it is on a shortcut if its path is not among those of `main`."""
    found: list[FlowLayer] = []
    depth = 0
    for placed in flatten(graph).nodes:
        if placed.node.op.is_weighted:
            on_shortcut = main is not None and placed.path not in main
            # A layer on a shortcut does not make the main path deeper.
            depth += not on_shortcut
            key = join(*(call.scope for call in placed.calls), placed.node.key_of("weight"))
            found.append(FlowLayer(placed.path, placed.kind, depth, on_shortcut, key, placed.node.origin.span))
    return tuple(found)
