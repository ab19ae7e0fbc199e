"""Numbers in three figures, for where there is little room: pictures and charts."""

from __future__ import annotations


def short(number: float | None, unit: str = "") -> str:
    """A count: `25.6 M`, `4.09 G MACs`, `832 k`; below a thousand as it is; nothing if it is not known."""
    if number is None:
        return ""
    for factor, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= factor * 0.9995:
            return f"{number / factor:#.3g}".removesuffix(".") + f" {letter} {unit}".rstrip()
    return f"{number:g} {unit}".rstrip()


def memory(number: int | None) -> str:
    """Bytes in powers of 1,024, as torch's tools tell them: `12.2 MiB`, `1,000 KiB`; nothing if not known."""
    if number is None:
        return ""
    for power, name in ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        value = number / 2**power
        if value >= 1:
            return f"{value:,.0f} {name}" if value >= 99.95 else f"{value:#.3g} {name}"
    return f"{number} B"
