"""The table of a network as markdown."""

from __future__ import annotations

from archspec.analysis.summary import Summary
from archspec.analysis.summary_text import HEAD, cells, footer, heading, total_cells
from archspec.cli.markdown import code, table


def render_markdown(summary: Summary) -> str:
    """Return a heading, the table, and the lines below the table as a list."""
    rows = [(*map(code, row[:2]), *row[2:]) for row in map(cells, summary.rows)]
    lines = [f"### {code(heading(summary))}", "", *table(HEAD, [*rows, total_cells(summary)], right=(3, 4)), ""]
    lines.extend(f"- {code(line.strip())}" for line in footer(summary) if line)
    return "\n".join(lines)
