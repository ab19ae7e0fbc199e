"""The table of a network as HTML, as notebooks show it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from archspec.analysis.summary_text import HEAD, cells, footer, heading, total_cells

if TYPE_CHECKING:
    from archspec.analysis.summary import Summary

_LEFT = 3  # the columns of text; those of numbers are aligned to the right


def render_html(summary: Summary) -> str:
    """Return a table with the network's name as its caption, and the lines below it; names of a spec are escaped."""
    rows = "".join(_row("td", cells(row)) for row in summary.rows)
    below = "".join(f"<div style='white-space: pre-wrap'>{escape(line)}</div>" for line in footer(summary) if line)
    return (
        f"<table><caption>{escape(heading(summary))}</caption><thead>{_row('th', HEAD)}</thead>"
        f"<tbody>{rows}</tbody><tfoot>{_row('th', total_cells(summary))}</tfoot></table>{below}"
    )


def _row(tag: str, texts: Sequence[str]) -> str:
    columns = (
        f"<{tag} style='text-align: {'left' if number < _LEFT else 'right'}'>{escape(text)}</{tag}>"
        for number, text in enumerate(texts)
    )
    return f"<tr>{''.join(columns)}</tr>"
