"""Numbers in three figures."""

from __future__ import annotations

from archspec.analysis.format_numbers import format_bytes, format_count


def test_counts() -> None:
    found = [format_count(n) for n in (0, 7, 999, 1000, 12_345, 999_600, 25_557_032, 4_089_184_256, 15_000_000)]
    assert found == ["0", "7", "999", "1.00 k", "12.3 k", "1.00 M", "25.6 M", "4.09 G", "15.0 M"]
    assert [format_count(512, "MACs"), format_count(118_000, "MACs")] == ["512 MACs", "118 k MACs"]


def test_bytes() -> None:
    sizes = (0, 1023, 1024, 12 * 1024, 102_348, 1024 * 1023, 2**20, 12_800_000, 143 * 2**20, 5 * 2**30, 3 * 2**41)
    assert [format_bytes(size) for size in sizes] == [
        "0 B", "1023 B", "1.00 KiB", "12.0 KiB", "99.9 KiB", "1,023 KiB", "1.00 MiB", "12.2 MiB", "143 MiB", "5.00 GiB",
        "6.00 TiB",
    ]  # fmt: skip
