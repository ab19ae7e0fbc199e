"""Gradient flow as its page shows it: the points of the curves, a row for each network, and a summary in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import archspec

INITS = {"default": "the design's own", "he": "He", "xavier": "Xavier", "torch": "torch's own"}
MEASURES = {"gradients": "weight gradient, L2 norm", "activations": "output, L2 norm"}


def settings(choices: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings in words, for the history."""
    steps = choices["steps"]
    return {
        "device": str(choices["device"]),
        "batch": f"batch {choices['batch']}",
        "weights": f"weights: {INITS[choices['init']]}, seed {choices['seed']}",
        "when": f"after {steps} steps" if steps else "at the start",
    }


def points(flow: archspec.GradientFlow, measure: str) -> list[dict[str, Any]]:
    """Return a point for each layer of the main path, network and moment, but those without a logarithm."""
    found = []
    for name, run, moment in _curves(flow):
        for layer, norm in zip(run.layers, getattr(moment, measure), strict=True):
            if not layer.on_shortcut and norm:
                found.append({"depth": layer.depth, "norm": norm, "network": name, "layer": layer.path})
    return found


def rows(flow: archspec.GradientFlow) -> list[dict[str, str]]:
    """Return for each curve the loss, and the ratio of the first layer's gradient to the last one's."""
    return [
        {
            "network": name,
            "loss": _number(moment.loss),
            "first gradient / last": _number(run.ratio(moment)),
            "parameters": f"{run.params:,}",
        }
        for name, run, moment in _curves(flow)
    ]


def words(flow: archspec.GradientFlow) -> list[str]:
    """Return sentences about the curves, and about norms that could not be measured."""
    sentences = []
    for name, run, moment in _curves(flow):
        ratio = run.ratio(moment)
        if ratio is not None:
            sentences.append(f"{name}: the first layer's gradient is {ratio:.3g} times the last one's")
        lost = sum(1 for norm in moment.gradients if norm is None)
        if lost:
            sentences.append(f"{name}: {lost} layers have no gradient, or one that is not finite")
    for run in flow.runs:
        if run.stopped is not None:
            sentences.append(
                f"{_network(run)}: the loss is not finite after {run.stopped} steps, where measuring ended"
            )
    return sentences


def _curves(flow: archspec.GradientFlow) -> Iterator[tuple[str, Any, Any]]:
    """Yield each network at each moment, with its name."""
    for run in flow.runs:
        for moment in run.moments:
            yield _network(run) + (f", after {moment.step} steps" if moment.step else ", at the start"), run, moment


def _network(run: Any) -> str:
    return "with shortcuts" if run.shortcuts else "without shortcuts"


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4g}"


def row(flow: archspec.GradientFlow | None) -> dict[str, str]:
    """Return the ratios at the last moment as the cells of a table."""
    cells = {"with shortcuts": "–", "without shortcuts": "–"}
    for run in flow.runs if flow is not None else ():
        if run.moments:
            cells[_network(run)] = _number(run.ratio(run.moments[-1]))
    return cells
