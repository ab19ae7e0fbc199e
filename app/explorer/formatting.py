"""Numbers and texts as people read them."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@/])")


def short(number: float | None, unit: str = "") -> str:
    """A count in three figures: `25.6 M`; a dash if it is not known."""
    if number is None:
        return "–"
    for factor, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= factor * 0.9995:
            return f"{number / factor:#.3g}".removesuffix(".") + f" {letter}{unit}"
    return f"{number:,g} {unit}".rstrip()


def size(number: int | None) -> str:
    """Bytes in powers of 1,024: `12.2 MiB`; a dash if not known."""
    if number is None:
        return "–"
    for power, name in ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        value = number / 2**power
        if abs(value) >= 1:
            return f"{value:,.0f} {name}" if abs(value) >= 99.95 else f"{value:#.3g} {name}"
    return f"{number} B"


def more(number: float, told: str) -> str:
    """A difference with its sign; a dash where there is none."""
    return f"+{told}" if number > 0 else told.replace("-", "−") if number < 0 else "–"


def plain(text: str) -> str:
    """A text that Markdown shows as it is: nothing in it becomes a link, a picture or a heading."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
