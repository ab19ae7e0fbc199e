"""The text of a smoke report."""

from __future__ import annotations

from itertools import zip_longest

from archspec.analysis.format_numbers import format_bytes, format_duration
from archspec.cli.formats.report import printable
from archspec.diagnostics import Span
from archspec.ir.types import show_shape
from archspec.runtime.smoke.report import SmokeReport

MOST_NAMED = 5  # parameters without a gradient
HEAD = ("batch", "ok", "forward", "step", "samples/s", "peak", "predicted", "loss")


def render_text(report: SmokeReport) -> str:
    """Return the verdict of one run, its failure with the layer, then a line for each figure that is known."""
    lines = [_title(report), *_failure(report), *_figures(report), *_checks(report), *_tries(report)]
    return "\n".join(printable(line) for line in lines)


def render_table(reports: list[SmokeReport]) -> str:
    """Return a row for each of several batches of one design, then the failures."""
    first = reports[0]
    title = f"{_name(first)} on {_device(first)}, {_mode(first)}"
    rows = [HEAD, *map(_row, reports)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("─" * width for width in widths))
    failures = [f"batch {r.batch}: {line.strip()}" for r in reports for line in _failure(r)[:1]]
    return "\n".join(printable(line) for line in [title, "", *lines, *([""] if failures else []), *failures])


def size(count: int | None) -> str:
    """Return bytes in a readable unit; ? where they are not known."""
    return format_bytes(count) or "?"


def _title(report: SmokeReport) -> str:
    verdict = "ok" if report.ok else "warning" if report.completed else "failed"
    return f"{verdict}: {_name(report)}, batch {report.batch}, {_mode(report)}, on {_device(report)}"


def _name(report: SmokeReport) -> str:
    return report.name + (f":{report.variant}" if report.variant else "")


def _device(report: SmokeReport) -> str:
    return report.device + (f" ({report.device_name})" if report.device_name else "")


def _mode(report: SmokeReport) -> str:
    more = [name for name, on in (("compiled", report.compile), ("channels last", report.channels_last)) if on]
    return ", ".join([report.dtype, report.optimizer, *more])


def _failure(report: SmokeReport) -> list[str]:
    if report.error is None:
        return []
    where = f" in {report.layer}" if report.layer else ""
    place = f" ({report.span})" if report.span is not None else ""
    return [f"  {report.stage}{where}{place}: {report.error}"]


def _figures(report: SmokeReport) -> list[str]:
    lines = []
    if report.forward_ms is not None:
        lines.append(f"  forward        {_time(report.forward_ms)}, median of {report.steps}")
    if report.step_ms is not None:
        rate = f"{report.samples_per_second:,.4g} samples/s" if report.samples_per_second is not None else ""
        lines.append(f"  training step  {_time(report.step_ms)}, median of {report.steps}; {rate}")
    if report.peak_bytes is not None or report.predicted_peak_bytes is not None:
        lines.append(f"  peak memory    {_peak(report)}")
    return lines


def _peak(report: SmokeReport) -> str:
    """Return the measured peak with its source, and the predicted one."""
    parts = []
    if report.peak_bytes is not None:
        parts.append(f"{size(report.peak_bytes)} ({report.peak_measured})")
    if report.predicted_peak_bytes is not None:
        parts.append(f"{size(report.predicted_peak_bytes)} predicted{_of_what(report)}")
    return "; ".join(parts)


def _of_what(report: SmokeReport) -> str:
    """Return what a prediction leaves out; a GPU's measured peak is of tensors alone, as the predicted one is."""
    return " for tensors alone: a CPU's kernels and allocator keep more" if report.device == "cpu" else ""


def _checks(report: SmokeReport) -> list[str]:
    lines = []
    if report.loss is not None:
        lines.append(f"  loss           {report.loss:.6g}; {'all finite' if report.finite else 'not all finite'}")
    for name, output in (report.outputs or {}).items():
        lines.append(f"  {name:<13}  {show_shape(tuple(output['shape']))} {output['dtype']}, as the graph says")
    if report.without_gradient is not None:
        lines.append(f"  no gradient    {_named(report)}")
    if report.train_eval_difference is not None:
        lines.append(f"  train/eval     outputs differ by at most {report.train_eval_difference:.3g}")
    if report.deterministic is not None:
        again = "the same bits" if report.deterministic else "other bits: some kernel is not deterministic"
        lines.append(f"  again          the first step with the same seed gives {again}")
    return lines


def _named(report: SmokeReport) -> str:
    """Return the parameters without a gradient, those of one layer with its place."""
    names = report.without_gradient or ()
    if not names:
        return "every parameter has one"
    groups: dict[Span | None, list[str]] = {}
    for name, span in list(zip_longest(names, report.without_gradient_spans))[:MOST_NAMED]:
        groups.setdefault(span, []).append(name)
    shown = [", ".join(group) + (f" ({span})" if span is not None else "") for span, group in groups.items()]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(shown) + more


def _tries(report: SmokeReport) -> list[str]:
    if not report.tries:
        return []
    tried = [f"{t.batch} {'fits' if t.ok else (t.error_kind or 'failed').replace('_', ' ')}" for t in report.tries]
    largest = "none fits" if report.largest_batch is None else str(report.largest_batch)
    alone = " by tensors alone" if report.device == "cpu" else ""
    predicted = "" if report.predicted_batch is None else f"predicted{alone}: {report.predicted_batch}; "
    return [f"  largest batch  {largest} ({predicted}tried: {', '.join(tried)})"]


def _row(report: SmokeReport) -> tuple[str, ...]:
    rate = "?" if report.samples_per_second is None else f"{report.samples_per_second:,.4g}"
    loss = "?" if report.loss is None else f"{report.loss:.4g}"
    verdict = "ok" if report.ok else (report.error_kind or "failed").replace("_", " ")
    times = (_time(report.forward_ms), _time(report.step_ms))
    return str(report.batch), verdict, *times, rate, size(report.peak_bytes), size(report.predicted_peak_bytes), loss


def _time(milliseconds: float | None) -> str:
    return "?" if milliseconds is None else format_duration(milliseconds)
