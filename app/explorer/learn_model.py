"""A learning check as its page shows it: its settings, its verdict and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import archspec
from explorer.formatting import count_text

DATA = {
    "digits": "digits: a picture of at least 8×8 to 10 scores",
    "shapes": "shapes: a picture of at least 16×16 to 4 scores at each pixel",
    "text": "text: ids of characters to scores of the next one",
}
OPTIMIZERS = ("adamw", "sgd")


def settings(choices: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings in words, for the history."""
    return {
        "data": str(choices["data"]),
        "steps": f"{choices['steps']} steps",
        "batch": f"batch {choices['batch']}",
        "optimizer": f"{choices['optimizer']}, seed {choices['seed']}",
    }


def verdict(report: archspec.LearnReport) -> str:
    """Return whether the design beats the baseline, in words."""
    reached = f"{report.metric} {_number(report.value)}, where {report.baseline_is} has {_number(report.baseline)}"
    return f"it learns: {reached}" if report.learned else f"it does no better than the baseline: {reached}"


def losses(report: archspec.LearnReport) -> list[dict[str, Any]]:
    """Return the points of the curve."""
    return [{"step": step, "loss": loss} for step, loss in enumerate(report.losses, 1)]


def rows(report: archspec.LearnReport) -> list[tuple[str, str]]:
    """Return the figures with their names."""
    return [
        (f"{report.metric}, held out", _number(report.value)),
        (f"{report.metric}, trained on", _number(report.trained_value)),
        (f"baseline: {report.baseline_is}", _number(report.baseline)),
        ("loss, mean of the last tenth of the steps", _number(report.loss)),
        ("parameters", count_text(report.parameters)),
        ("examples to train on, and held out", f"{_count(report.examples)}, {_count(report.held_out)}"),
        ("time", "–" if report.seconds is None else f"{report.seconds:.1f} s on {report.device}"),
    ]


def row(report: archspec.LearnReport | None) -> dict[str, str]:
    """Return the figures as the cells of a table."""
    if report is None:
        return {"held out": "–", "baseline": "–", "learns": "–"}
    known = report.value is not None
    return {
        "held out": _number(report.value),
        "baseline": _number(report.baseline),
        "learns": ("yes" if report.learned else "no") if known else "–",
    }


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"
