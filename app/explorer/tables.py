"""Tables as HTML, which can be copied and read by screen readers; all texts in them are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import streamlit as st

STYLE = """<style>
.plain-table {border-collapse: collapse; font-size: 0.9rem; width: 100%}
.plain-table th, .plain-table td {text-align: left; padding: 0.25rem 0.75rem; border-bottom: 1px solid #8884;
  font-variant-numeric: tabular-nums}
.plain-table caption {text-align: left; padding: 0.25rem 0; opacity: 0.8}
</style>"""


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> None:
    """Show a table of texts."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    heading = f"<caption>{escape(caption)}</caption>" if caption else ""
    st.html(f'{STYLE}<table class="plain-table">{heading}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _cells(row: Sequence[object]) -> str:
    first, *others = (escape(str(cell)) for cell in row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)


def show_rows(rows: Sequence[Mapping[str, object]], caption: str = "") -> None:
    """Show a table of rows with the same keys, which are its columns."""
    show_table(list(rows[0]), [list(row.values()) for row in rows], caption)
