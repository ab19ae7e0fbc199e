"""archspec summary: the table of a network."""

from __future__ import annotations

import argparse

from archspec.analysis.summary import LEVELS, Row, Shape, ShortcutDecision, Summary, summarize
from archspec.cli.arguments import add_format, add_spec
from archspec.cli.partial import lowered, print_json, print_shown
from archspec.ir.types import show_shape


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One spec, at one level."""
    add_spec(parser)
    parser.add_argument("--level", choices=LEVELS, default="stage", help="what a row is (default: stage)")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the summary; of a broken design what is known, and what is wrong."""
    graph, errors = lowered(arguments)
    summary = summarize(graph, arguments.level)
    if arguments.format == "json":
        return print_json(summary.to_dict(), errors)
    return print_shown(table(summary), errors)


def table(summary: Summary) -> str:
    """The summary as text: a heading, the rows, the totals, the projections that were inserted."""
    title = summary.name + (f":{summary.variant}" if summary.variant else "")
    inputs = ", ".join(f"{name} {_shape(shape)}" for name, shape in summary.inputs)
    outputs = ", ".join(f"{name} {_shape(shape)}" for name, shape in summary.outputs)
    lines = [f"{title}   {inputs} → {outputs}", "", *_rows(summary), "", *_totals(summary)]
    lines.extend(_decisions("inserted by the compiler", summary.inserted))
    lines.extend(_decisions("shortcuts left out (identity_if_same)", summary.dropped))
    return "\n".join(lines)


def _rows(summary: Summary) -> list[str]:
    head = ("path", "kind", "output", "params", "MACs")
    body = [_cells(row) for row in summary.rows]
    at_least = _at_least(summary)
    body.append(("total", "", "", f"{at_least}{summary.params:,}", f"{at_least}{summary.macs:,}"))
    widths = [max(len(row[i]) for row in (head, *body)) for i in range(len(head))]
    lines = [_line(head, widths), "  ".join("─" * width for width in widths)]
    lines.extend(_line(row, widths) for row in body[:-1])
    lines.append(lines[1])
    lines.append(_line(body[-1], widths))
    return lines


def _cells(row: Row) -> tuple[str, ...]:
    costs = ("?", "?") if row.cost.unknown else (f"{row.cost.params:,}", f"{row.cost.macs:,}")
    return (row.path, row.kind, _shape(row.output), *costs)


def _shape(shape: Shape | None) -> str:
    return "?" if shape is None else show_shape(shape)


def _at_least(summary: Summary) -> str:
    """What stands before a total that ops of unknown shape are not in."""
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
    unknown = summary.total.unknown
    if unknown:
        lines.append(f"? marks what cannot be known: {unknown} layer{'s' if unknown > 1 else ''} without a shape")
    return lines


def _decisions(title: str, decisions: tuple[ShortcutDecision, ...]) -> list[str]:
    """One line for each decision; equal ones of a long list are shown once with their count."""
    if not decisions:
        return []
    lines = ["", f"{title}: {len(decisions)}"]
    for item in decisions[:20]:
        price = f", {item.cost.params:,} parameters, {item.cost.macs:,} MACs" if item.kind == "inserted" else ""
        lines.append(f"  {item.path or 'network'}: {item.block} ({item.reason}{price})")
    if len(decisions) > 20:
        lines.append(f"  and {len(decisions) - 20} more; --format json has them all")
    return lines
