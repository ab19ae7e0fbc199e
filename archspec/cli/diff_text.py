"""A difference as text for a terminal."""

from __future__ import annotations

from archspec.comparison.difference import Difference
from archspec.comparison.render_text import (
    STAGE_HEAD,
    render_title,
    render_totals,
    stage_cells,
    total_cells,
)

MOST = 30
Lines = list[tuple[str, str]]  # what, and where


def render_text(difference: Difference) -> str:
    """Return the changes, the added, removed and moved layers, the stages that differ, and the totals."""
    if not difference:
        return f"{render_title(difference.before, difference.after)}\n\nno difference"
    lines = [render_title(difference.before, difference.after)]
    for name, items in difference.describe().items():
        lines.extend(_section(name, items))
    if difference.stages:
        lines.extend(
            [
                "",
                *_table(
                    [stage_cells(row) for row in difference.stages], total_cells(difference.before, difference.after)
                ),
            ]
        )
    lines.extend(["", *render_totals(difference.before, difference.after)])
    return "\n".join(lines)


def _section(name: str, items: Lines) -> list[str]:
    """Return a heading and a line for each item with its place; MOST items of a long list."""
    if not items:
        return []
    lines = ["", name]
    lines.extend(f"  {words}" + (f"   [{where}]" if where else "") for words, where in items[:MOST])
    if len(items) > MOST:
        lines.append(f"  and {len(items) - MOST} more; --format json has them all")
    return lines


def _table(rows: list[tuple[str, ...]], total: tuple[str, ...]) -> list[str]:
    widths = [max(len(row[i]) for row in (STAGE_HEAD, *rows, total)) for i in range(len(STAGE_HEAD))]
    rule = "  ".join("─" * width for width in widths)
    return [_line(STAGE_HEAD, widths), rule, *(_line(row, widths) for row in rows), rule, _line(total, widths)]


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    """Return a row with text aligned to the left and numbers to the right."""
    padded = [
        cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
