"""The text of a learning report: a verdict, the curve of the loss, the metric."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from archspec.charts.learning import binned
from archspec.cli.formats.report import printable
from archspec.runtime.learn.report import LearnReport

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 50  # characters of the curve at most
HEAD = ("design", "seed", "learned", "loss", "trained on", "held out", "baseline", "seconds")


def render_text(report: LearnReport) -> str:
    """Return the verdict of one check, its failure if there is one, the curve, then losses and metrics by step."""
    lines = [_title(report), *_failure(report), *_curve(report), *_steps(report), *_figures(report)]
    return "\n".join(printable(line) for line in lines)


def render_table(reports: list[LearnReport]) -> str:
    """Return a row for each of several checks on the same data, then the failures."""
    first = reports[0]
    rows = [HEAD, *map(_row, reports)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [_aligned(row, widths) for row in rows]
    lines.insert(1, "  ".join("─" * width for width in widths))
    failures = [f"{_name(r)}, seed {r.seed}: {line.strip()}" for r in reports for line in _failure(r)]
    title = f"{first.data}: {first.metric or 'nothing measured'} after {_training(first)}"
    return "\n".join(printable(line) for line in [title, "", *lines, *([""] if failures else []), *failures])


def sparkline(losses: Sequence[float], width: int = WIDTH) -> str:
    """Return the losses as block characters, each the mean of as many steps, scaled from the lowest to the highest."""
    means = [mean for _, mean in binned(losses, width)]
    if not means:
        return ""
    low, high = min(means), max(means)
    last = len(BLOCKS) - 1
    # A constant loss has no scale; it is drawn as a line at the bottom.
    return "".join(BLOCKS[round(last * (mean - low) / (high - low)) if high > low else 0] for mean in means)


def _title(report: LearnReport) -> str:
    verdict = "failed" if not report.ok else "has learned" if report.learned else "has not learned"
    device = report.device + (f" ({report.device_name})" if report.device_name else "")
    return f"{verdict}: {_name(report)} on {report.data}, {_training(report)}, seed {report.seed}, on {device}"


def _name(report: LearnReport) -> str:
    return report.name + (f":{report.variant}" if report.variant else "")


def _training(report: LearnReport) -> str:
    return f"{report.steps} steps of {report.batch}, {report.optimizer} {report.learning_rate:g}"


def _failure(report: LearnReport) -> list[str]:
    if report.error is None:
        return []
    where = f" in {report.layer}" if report.layer else ""
    place = f" ({report.span})" if report.span is not None else ""
    return [f"  {report.stage}{where}{place}: {report.error}"]


def _curve(report: LearnReport) -> list[str]:
    if not report.losses:
        return []
    return [f"  loss  {sparkline(report.losses)}  {report.losses[0]:.3f} → {report.loss:.3f}", ""]


def _steps(report: LearnReport) -> list[str]:
    """Return the metric at each evaluation with the mean loss of the steps since the one before."""
    if not report.evaluations:
        return []
    lines = [f"  {'step':>8}  {'loss':>8}  {report.metric} on {report.held_out:,} examples held out"]
    before = 0
    for evaluation in report.evaluations:
        losses = report.losses[before : evaluation.step]
        loss = f"{fsum(losses) / len(losses):8.4f}" if losses else " " * 8
        lines.append(f"  {evaluation.step:>8,}  {loss}  {evaluation.value:.4f}")
        before = evaluation.step
    return [*lines, ""]


def _figures(report: LearnReport) -> list[str]:
    lines = []
    if report.value is not None:
        lines.append(f"  held out    {report.value:.4f} {report.metric}")
    if report.trained_value is not None:
        lines.append(f"  trained on  {report.trained_value:.4f} {report.metric}")
    if report.baseline is not None:
        lines.append(f"  baseline    {report.baseline:.4f}: {report.baseline_is}")
    if report.parameters is not None:
        epochs = len(report.losses) * report.batch / report.examples if report.examples else 0
        lines.append(f"  examples    {report.examples:,}, seen {epochs:.3g} times; {report.parameters:,} parameters")
    if report.seconds is not None:
        lines.append(f"  time        {report.seconds:.1f} s")
    return lines


def _row(report: LearnReport) -> tuple[str, ...]:
    verdict = "yes" if report.learned else "no" if report.ok else (report.error_kind or "failed").replace("_", " ")
    figures = (report.loss, report.trained_value, report.value, report.baseline)
    seconds = "?" if report.seconds is None else f"{report.seconds:.1f}"
    return _name(report), str(report.seed), verdict, *("?" if f is None else f"{f:.4f}" for f in figures), seconds


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    """Return the cells of a row, the name aligned to the left, the others to the right."""
    others = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
    return "  ".join([row[0].ljust(widths[0]), *others])
