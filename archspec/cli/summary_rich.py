"""The table of a network for a terminal, with bars for each row's share; the only place that imports rich."""

from __future__ import annotations

import io
from typing import Literal

from rich.bar import Bar
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archspec.analysis.summary import Summary
from archspec.analysis.summary_text import HEAD, cells, footer, heading, total_cells

SHORTEST, LONGEST = 4, 20  # columns of a bar; where there is no room for the shortest there are none
PARAMS, MACS = 3, 4
COLOURS = {PARAMS: "cyan", MACS: "magenta"}
GAP = 2


def render_rich(summary: Summary, width: int, colour: bool) -> str:
    """Return the heading, the table with bars as long as `width` allows, and the lines below it; no figure is cut."""
    rows = [*map(cells, summary.rows), total_cells(summary)]
    needed = sum(max(len(row[i]) for row in (HEAD, *rows)) + GAP for i in range(len(HEAD)))
    bar = min(LONGEST, (width - needed) // 2 - GAP)
    stream = io.StringIO()
    console = Console(
        file=stream,
        # Wider than the terminal rather than with figures cut: rich would shorten cells to fit.
        width=max(width, needed),
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(Text(heading(summary), style="bold"), soft_wrap=True)
    console.print(_table(summary, bar if bar >= SHORTEST else 0))
    for line in footer(summary):
        console.print(Text(line), soft_wrap=True)
    return "\n".join(line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n"))


def _table(summary: Summary, bar: int) -> Table:
    """Return the table; a bar of at most `bar` columns follows each figure, and the largest figure fills it."""
    table = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for column, (name, foot) in enumerate(zip(HEAD, total_cells(summary), strict=True)):
        justify: Literal["left", "right"] = "right" if column in COLOURS else "left"
        table.add_column(Text(name), Text(foot), justify=justify, no_wrap=True)
        if column in COLOURS and bar:
            table.add_column(width=bar, no_wrap=True)
    figures = {PARAMS: [row.cost.params for row in summary.rows], MACS: [row.cost.macs for row in summary.rows]}
    for number, row in enumerate(summary.rows):
        shown: list[Text | Bar] = []
        for column, cell in enumerate(cells(row)):
            shown.append(Text(cell))
            if column in COLOURS and bar:
                # A network without parameters or MACs has bars of no length, not a division by zero.
                most = max(1, *figures[column])
                shown.append(Bar(most, 0, figures[column][number], width=bar, color=COLOURS[column]))
        table.add_row(*shown)
    return table
