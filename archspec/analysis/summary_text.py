"""The table of a network as text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from archspec.analysis.format_numbers import format_bytes
from archspec.diagnostics import printable
from archspec.ir.types import show_shape

if TYPE_CHECKING:
    from archspec.analysis.summary import OutputShape, ShortcutDecision, Summary, SummaryRow

MOST_SHAPES = 6
HEAD = ("path", "kind", "output", "params", "MACs")


def render_text(summary: Summary) -> str:
    """Return a heading, the rows, the totals, and the projections that were inserted."""
    return "\n".join([heading(summary), "", *_rows(summary), "", *footer(summary)])


def heading(summary: Summary) -> str:
    """Return the network's name, its inputs and its outputs."""
    title = summary.name + (f":{summary.variant}" if summary.variant else "")
    inputs = ", ".join(f"{name} {shape_text(shape)}" for name, shape in summary.inputs)
    outputs = ", ".join(f"{name} {shape_text(shape)}" for name, shape in summary.outputs)
    return printable(f"{title}   {inputs} → {outputs}")


def footer(summary: Summary) -> list[str]:
    """Return the lines below the table: totals, and the compiler's decisions about shortcuts."""
    lines = _totals(summary)
    lines.extend(_decisions("inserted by the compiler", summary.inserted))
    lines.extend(_decisions("shortcuts left out (identity_if_same)", summary.dropped))
    return [printable(line) for line in lines]


def _rows(summary: Summary) -> list[str]:
    body = [*map(cells, summary.rows), total_cells(summary)]
    widths = [max(len(row[i]) for row in (HEAD, *body)) for i in range(len(HEAD))]
    lines = [_line(HEAD, widths), "  ".join("─" * width for width in widths)]
    lines.extend(_line(row, widths) for row in body[:-1])
    lines.append(lines[1])
    lines.append(_line(body[-1], widths))
    return lines


def cells(row: SummaryRow) -> tuple[str, ...]:
    """Return a row of the table as text; ? for what is not known."""
    costs = ("?", "?") if row.cost.unknown else (f"{row.cost.params:,}", f"{row.cost.macs:,}")
    return (printable(row.path), printable(row.kind), shapes_text(row.outputs), *costs)


def total_cells(summary: Summary) -> tuple[str, ...]:
    """Return the last row of the table."""
    at_least = _at_least(summary)
    return "total", "", "", f"{at_least}{summary.params:,}", f"{at_least}{summary.macs:,}"


def shapes_text(shapes: tuple[OutputShape | None, ...]) -> str:
    """Return several shapes, equal neighbours once with their number; the first MOST_SHAPES of very many."""
    texts = []
    # `split` has as many equal outputs as it has parts, and its row one cell for all of them.
    for text, same in groupby(map(shape_text, shapes)):
        count = len(list(same))
        texts.append(f"{text} (×{count})" if count > 1 else text)
    return ", ".join(texts if len(texts) <= MOST_SHAPES else [*texts[: MOST_SHAPES - 1], "…"])


def shape_text(shape: OutputShape | None) -> str:
    """Return a shape as text; ? for one that is not known."""
    return "?" if shape is None else show_shape(shape)


def _at_least(summary: Summary) -> str:
    """Return the prefix of a total that leaves out ops of unknown shape."""
    return "≥ " if summary.total.unknown else ""


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
    right = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:], strict=True)]
    return "  ".join((*left, *right)).rstrip()


def _totals(summary: Summary) -> list[str]:
    least, elementwise = _at_least(summary), summary.total.elementwise_flops
    lines = [
        f"parameters {least}{summary.params:,} · buffers {least}{summary.buffers:,} · MACs {least}{summary.macs:,}"
        f" · FLOPs {least}{summary.flops:,} (2 · MACs; {least}{elementwise:,} elementwise ones apart)"
    ]
    if summary.saved is not None:
        lines.append(f"kept for the backward pass {format_bytes(summary.saved)} a sample, in float32")
    unknown = summary.total.unknown
    if unknown:
        lines.append(f"? marks what cannot be known: {unknown} layer{'s' if unknown > 1 else ''} without a shape")
    return lines


def _decisions(title: str, decisions: tuple[ShortcutDecision, ...]) -> list[str]:
    """Return one line for each decision; of more than 20 the first 20 and the number of the others."""
    if not decisions:
        return []
    lines = ["", f"{title}: {len(decisions)}"]
    for item in decisions[:20]:
        price = f", {item.cost.params:,} parameters, {item.cost.macs:,} MACs" if item.kind == "inserted" else ""
        lines.append(f"  {item.path or 'network'}: {item.block} ({item.reason}{price})")
    if len(decisions) > 20:
        lines.append(f"  and {len(decisions) - 20} more; --format json has them all")
    return lines
