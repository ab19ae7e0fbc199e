"""Numbers and texts as the pages show them."""

from __future__ import annotations

import re

import archspec

# What Markdown gives a meaning, and Streamlit: `:` for icons and colours, `$` for formulas.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@/])")


def count_text(number: float | None, unit: str = "") -> str:
    """Return a count with three digits, such as `25.6 M`; a dash for None."""
    return archspec.format_count(number, unit, space="") or "–"


def bytes_text(number: int | None) -> str:
    """Return bytes in powers of 1,024, such as `12.2 MiB`; a dash for None."""
    return archspec.format_bytes(number) or "–"


def duration_text(value: float | None) -> str:
    """Return a time, such as `12.3 ms`; a dash for None."""
    return "–" if value is None else archspec.format_duration(value)


def delta_text(number: float, text: str) -> str:
    """Return a difference, formatted as `text`, with its sign; a dash where there is none."""
    return f"+{text}" if number > 0 else text.replace("-", "−") if number < 0 else "–"


def escape_markdown(text: str) -> str:
    """Return a text that Markdown shows as it is: nothing in it becomes a link, a picture or a heading."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
