"""A predicted latency as text."""

from __future__ import annotations

from archspec.analysis.format_numbers import format_bytes, format_count, format_latency
from archspec.analysis.latency.predict import Latency, LatencyRow
from archspec.analysis.latency.roofline import BOUNDS, Time
from archspec.cli.formats.report import counted, printable

LEFT = 2  # columns of words; the others are numbers
EAGER = "eager mode: every operation reads its inputs from memory and writes its outputs; nothing is fused"


def render_text(found: Latency) -> str:
    """Return the heading, the rows, the totals, and what the ops are bound by."""
    lines = [_heading(found), "", *_table(found), "", *_totals(found), *_bounds(found), EAGER]
    return "\n".join(printable(line) for line in lines)


def _heading(found: Latency) -> str:
    title = found.name + (f":{found.variant}" if found.variant else "")
    what = "training step" if found.training else "forward pass"
    return f"{title}   {what}, batch {found.batch}, {found.dtype}, on {found.device}"


def _table(found: Latency) -> list[str]:
    head = ["path", "kind", "forward", *(["backward"] if found.training else []), "share", "bytes", "FLOPs", "bound by"]
    whole = (found.forward + found.backward).seconds
    rows = [head, *(_cells(row, whole, found.training) for row in found.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [_line(row, widths) for row in rows]
    return [lines[0], "  ".join("─" * width for width in widths), *lines[1:]]


def _cells(row: LatencyRow, whole: float, training: bool) -> list[str]:
    share = f"{row.time.seconds / whole:.0%}" if whole else ""
    times = [_time(row.forward), *([_time(row.backward)] if training else [])]
    return [row.path, row.kind, *times, share, format_bytes(row.bytes), format_count(row.flops), row.time.bound or "–"]


def _line(cells: list[str], widths: list[int]) -> str:
    padded = zip(cells, widths, strict=True)
    return "  ".join(c.ljust(w) if n < LEFT else c.rjust(w) for n, (c, w) in enumerate(padded)).rstrip()


def _totals(found: Latency) -> list[str]:
    parts = [("forward", found.forward)]
    if found.training:
        parts += [("backward", found.backward), ("optimizer", found.optimizer)]
        parts.append(("step", found.forward + found.backward + found.optimizer))
    rate = found.samples_per_second
    return [
        *(f"{name:<10}{_time(time):>12}" for name, time in parts),
        f"{rate:,.0f} samples a second" if rate >= 10 else f"{rate:.2g} samples a second",
    ]


def _bounds(found: Latency) -> list[str]:
    """Return how many ops each bound limits; ops that run no kernel (views) have none."""
    counts = []
    for bound in BOUNDS:
        ops, ms = found.bound_by(bound)
        if ops:
            counts.append(f"{counted(ops, 'op')} by {bound} ({ms:,.3g} ms)")
    return [f"bound: {', '.join(counts)}"] if counts else []


def _time(time: Time) -> str:
    return format_latency(time.seconds * 1e3)
