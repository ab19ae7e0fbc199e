"""The rows of a network's table as comma-separated values, for spreadsheets and data frames."""

from __future__ import annotations

import csv
import io

from archspec.analysis.summary import Summary, SummaryRow
from archspec.cli.formats.report import printable

FIGURES = ("params", "buffers", "macs", "elementwise_flops", "output_bytes")


def render_csv(summary: Summary) -> str:
    """Return a header and a line for each row (RFC 4180, but lines end in a newline); the unknown is left empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("path", "kind", "output", *FIGURES, "saved_bytes"))
    writer.writerows(map(_line, summary.rows))
    return stream.getvalue().rstrip("\n")


def _line(row: SummaryRow) -> tuple[str, ...]:
    # Empty, not 0: a spreadsheet would add it up as if it were known.
    figures = ("" if row.cost.unknown else str(getattr(row.cost, name)) for name in FIGURES)
    output = " ".join("?" if shape is None else "x".join(map(str, shape)) for shape in row.outputs)
    saved = "" if row.saved is None else str(row.saved)
    return _text(row.path), _text(row.kind), "" if output == "?" else output, *figures, saved


def _text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    text = printable(text)
    # Names come from the spec, and a cell that begins so is run as a formula ("CSV injection").
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
