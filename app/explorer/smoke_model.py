"""A smoke run as its page shows it: its settings, its figures, and the line of the layer that failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import archspec
from explorer.formatting import bytes_text, duration_text

RunReport = archspec.SmokeReport | archspec.LearnReport
DTYPES = ("float32", "bfloat16", "float16")
OPTIMIZERS = ("sgd", "adamw")
STARTING = 30.0  # seconds for what a job does before and after its run
AROUND = 2  # lines of the text above and below the failing one


def settings(choices: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings in words, for the history."""
    more = [name for key, name in (("channels_last", "channels last"), ("compile", "compiled")) if choices[key]]
    return {
        "device": str(choices["device"]),
        "batch": f"batch {choices['batch']}",
        "numbers": ", ".join([str(choices["dtype"]), *more]),
        "optimizer": str(choices["optimizer"]),
    }


def figures(report: archspec.SmokeReport) -> list[tuple[str, str, str]]:
    """Return the measured figures: name, value, and how each was measured."""
    rate = "–" if report.samples_per_second is None else f"{report.samples_per_second:,.4g}"
    measured = f"Measured as {report.peak_measured}." if report.peak_measured else ""
    return [
        ("Forward pass", duration_text(report.forward_ms), f"median of {report.steps}, in evaluation"),
        ("Training step", duration_text(report.step_ms), f"median of {report.steps}: forward, backward and optimizer"),
        ("Samples a second", rate, "in training"),
        ("Peak memory, measured", bytes_text(report.peak_bytes), measured),
        (
            "Peak memory, predicted",
            bytes_text(report.predicted_peak_bytes),
            "of the tensors of this step alone; on a CPU torch itself takes more",
        ),
    ]


def checks(report: archspec.SmokeReport, most: int) -> list[tuple[str, str]]:
    """Return the further checks, each with its result in words."""
    results = [("device", report.device + (f" ({report.device_name})" if report.device_name else ""))]
    if report.finite is not None:
        loss = "" if report.loss is None else f"; the first loss is {report.loss:.4g}"
        results.append(("numbers", ("all finite" if report.finite else "not all finite") + loss))
    if report.without_gradient is not None:
        results.append(("parameters without a gradient", _named(report.without_gradient, most)))
    if report.train_eval_difference is not None:
        results.append(("training and evaluation", f"outputs differ by at most {report.train_eval_difference:.3g}"))
    if report.deterministic is not None:
        again = "the same bits" if report.deterministic else "other bits: some kernel is not deterministic"
        results.append(("once more with the same seed", again))
    return results


def _named(names: tuple[str, ...], most: int) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def failure(report: RunReport) -> str:
    """Return the failure and its place."""
    if report.error_kind == "cancelled":
        return f"cancelled while it was at: {report.stage}"
    layer = f", at layer {report.layer}" if report.layer else ""
    line = f", line {report.span.line}" if report.span is not None else ""
    return f"{report.error} (stage {report.stage}{layer}{line})"


def lines_of(text: str, report: RunReport) -> str:
    """Return the line of the failing layer with its neighbours and an arrow; empty if it is not in the text."""
    if report.span is None or report.error_kind == "cancelled":
        return ""
    lines = text.split("\n")
    number = report.span.line
    if not 1 <= number <= len(lines):
        return ""
    shown = range(max(1, number - AROUND), min(len(lines), number + AROUND) + 1)
    return "\n".join(f"{'→' if n == number else ' '} {n:>4}  {lines[n - 1]}" for n in shown)


def row(report: archspec.SmokeReport | None) -> dict[str, str]:
    """Return the measured figures as the cells of a table."""
    if report is None:
        return dict.fromkeys(("forward", "step", "samples/s", "peak", "predicted", "finite", "error"), "–")
    rate = "–" if report.samples_per_second is None else f"{report.samples_per_second:,.4g}"
    return {
        "forward": duration_text(report.forward_ms),
        "step": duration_text(report.step_ms),
        "samples/s": rate,
        "peak": bytes_text(report.peak_bytes),
        "predicted": bytes_text(report.predicted_peak_bytes),
        "finite": {True: "yes", False: "no", None: "–"}[report.finite],
        "error": (report.error_kind or "").replace("_", " "),
    }
