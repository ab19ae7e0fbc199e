"""Counts, bytes and durations as text: the one place that rounds numbers for people. JSON has them in full."""

from __future__ import annotations

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
BYTE_UNITS = ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB"))


def format_count(number: float | None, unit: str = "", space: str = " ") -> str:
    """Return a count with three digits, such as `25.6 M` or `4.09 G MACs`; below 1,000 as it is; "" for None.

    space: what separates prefix and unit.
    """
    if number is None:
        return ""
    for factor, letter in PREFIXES:
        # From 999.5 on a number would round to 1000 of the smaller prefix.
        if abs(number) >= factor * 0.9995:
            return f"{number / factor:#.3g}".removesuffix(".") + f" {letter}{space}{unit}".rstrip()
    return f"{number:g} {unit}".rstrip()


def format_bytes(number: int | None) -> str:
    """Return bytes with three digits in powers of 1,024, as torch prints them: `12.2 MiB`, `1,000 KiB`; "" for None."""
    if number is None:
        return ""
    for power, unit in BYTE_UNITS:
        value = number / 2**power
        if abs(value) >= 1:
            return f"{value:,.0f} {unit}" if abs(value) >= 99.95 else f"{value:#.3g} {unit}"
    return f"{number} B"


def format_mebibytes(number: int) -> str:
    """Return bytes in MiB, for columns of sizes to compare: `1,234.5 MiB`."""
    return f"{number / 2**20:,.1f} MiB"


def format_total_bytes(number: int) -> str:
    """Return bytes to one decimal, for totals whose difference is of interest: `1,000.3 MiB`."""
    for power, unit in BYTE_UNITS[1:]:
        if number >= 2**power:
            return f"{number / 2**power:,.1f} {unit}"
    return f"{number} B"


def format_signed(number: int) -> str:
    """Return a difference in full, `+1,234`; a dot for none."""
    return f"{number:+,}" if number else "·"


def format_signed_bytes(number: int) -> str:
    """Return a difference of bytes, `-1.5 MiB`; a dot for none."""
    return ("+" if number > 0 else "-") + format_total_bytes(abs(number)) if number else "·"


def format_signed_count(number: int) -> str:
    """Return a difference with four digits and a prefix, `+18.99 M`; in full below 10,000."""
    if abs(number) >= 10_000:
        for factor, letter in PREFIXES:
            if abs(number) >= 0.9995 * factor:
                return f"{number / factor:+.4g} {letter}"
    return f"{number:+,}"


def format_growth(before: int, after: int) -> str:
    """Return by how much a positive figure grew: `+74.3 %`, or `×12` from ten times on."""
    # Percentages above 900 are harder to read than a factor.
    if after >= 10 * before:
        return f"×{after / before:,.0f}"
    share = (after - before) / before
    return f"{share:+.{1 if abs(share) >= 0.001 else 4}%}".replace("%", " %")


def format_share(part: int, total: int) -> str:
    """Return a part of a total in percent, `12.3 %`, or `< 0.1 %`."""
    return f"{100 * part / total:.1f} %" if 1000 * part >= total else "< 0.1 %"


def format_duration(milliseconds: float) -> str:
    """Return a measured time with three digits, `12.3 ms` or `1.23 s`."""
    return f"{milliseconds:.3g} ms" if milliseconds < 999.5 else f"{milliseconds / 1_000:.3g} s"


def format_latency(milliseconds: float) -> str:
    """Return a predicted time in ms or, below 0.1 ms, in µs, so that a column has few units; a dash for none."""
    if milliseconds == 0:
        return "–"
    if milliseconds >= 1000:
        return f"{milliseconds:,.0f} ms"
    return f"{milliseconds:.3g} ms" if milliseconds >= 0.1 else f"{milliseconds * 1e3:.3g} µs"
